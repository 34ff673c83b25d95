// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What tells one board from another, for the choice of a board file.
package struct BoardIdentity: Sendable, Hashable {
    /// The device tree's `compatible` list, most specific first; empty without a device tree.
    package var compatible: [String]
    /// DMI `sys_vendor`, or `nil`; here and below a maker's placeholder is `nil` too.
    package var systemVendor: String?
    /// DMI `product_name`, or `nil`.
    package var productName: String?
    /// DMI `board_vendor`, or `nil`.
    package var boardVendor: String?
    /// DMI `board_name`, or `nil`.
    package var boardName: String?

    /// Makes an identity from its parts.
    package init(
        compatible: [String] = [], systemVendor: String? = nil, productName: String? = nil,
        boardVendor: String? = nil, boardName: String? = nil
    ) {
        self.compatible = compatible
        self.systemVendor = systemVendor
        self.productName = productName
        self.boardVendor = boardVendor
        self.boardName = boardName
    }

    /// Reads it below `root`.
    package static func read(root: String = "/") -> BoardIdentity {
        let tree = SystemTree(root)
        let dmi = DMI(tree: tree)
        return BoardIdentity(
            compatible: tree.list("/proc/device-tree/compatible"), systemVendor: dmi.value("sys_vendor"),
            productName: dmi.value("product_name"), boardVendor: dmi.value("board_vendor"),
            boardName: dmi.value("board_name"))
    }

    /// Reads it from another sysfs than `/sys`, for tests.
    package static func read(sysfsRoot: String) -> BoardIdentity {
        let tree = SystemTree(sysfsRoot)
        let dmi = DMI(tree: tree, folder: "/class/dmi/id")
        return BoardIdentity(
            // `/proc/device-tree` is a link to this folder.
            compatible: tree.list("/firmware/devicetree/base/compatible"),
            systemVendor: dmi.value("sys_vendor"), productName: dmi.value("product_name"),
            boardVendor: dmi.value("board_vendor"), boardName: dmi.value("board_name"))
    }
}
