// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Who made the board or computer, and what it is called.
struct Board: Sendable {
    var manufacturer: String?
    var model: String?

    init(_ tree: SystemTree) {
        let dmi = DMI(tree: tree)
        let compatible = tree.list("/proc/device-tree/compatible")
        model = tree.value("/proc/device-tree/model")
        manufacturer = compatible.first.flatMap(Self.vendor)
        // A machine with both, for example an ARM server, says more by DMI, but a device tree names what it was built for.
        guard model == nil, manufacturer == nil else { return }
        manufacturer = dmi.value("sys_vendor") ?? dmi.value("board_vendor")
        model = dmi.value("product_name") ?? dmi.value("board_name")
    }

    /// The maker that a `compatible` entry begins with; its prefix as it stands where the name is not known here.
    ///
    /// Names: the kernel's `Documentation/devicetree/bindings/vendor-prefixes.yaml`.
    static func vendor(_ compatible: String) -> String? {
        guard let comma = compatible.firstIndex(of: ","), comma != compatible.startIndex else { return nil }
        let prefix = String(compatible[..<comma])
        return vendors[prefix] ?? prefix
    }

    private static let vendors: [String: String] = [
        "allwinner": "Allwinner", "amlogic": "Amlogic", "asus": "ASUS", "azw": "Shenzhen AZW",
        "beagle": "BeagleBoard.org", "boundary": "Boundary Devices", "compulab": "CompuLab",
        "friendlyarm": "FriendlyElec", "fsl": "NXP", "google": "Google", "hardkernel": "Hardkernel",
        "khadas": "Khadas", "libretech": "Libre Computer", "nvidia": "NVIDIA", "nxp": "NXP",
        "olimex": "Olimex",
        "pine64": "Pine64", "qcom": "Qualcomm", "radxa": "Radxa", "raspberrypi": "Raspberry Pi",
        "rockchip": "Rockchip", "seeed": "Seeed", "sifive": "SiFive", "sipeed": "Sipeed",
        "solidrun": "SolidRun",
        "st": "STMicroelectronics", "starfive": "StarFive", "sunxi": "Allwinner", "ti": "Texas Instruments",
        "toradex": "Toradex", "variscite": "Variscite", "xlnx": "Xilinx", "xunlong": "Xunlong (Orange Pi)",
    ]
}
