// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import Foundation
import Testing

@Suite struct BoardDetectionTests {
    /// What the device trees of Debian 12 and 13 and of the makers' kernels say, most specific first.
    private static let machines: [(compatible: [String], file: String)] = [
        (["raspberrypi,3-model-b", "brcm,bcm2837"], "raspberry-pi-3"),
        (["raspberrypi,3-model-b-plus", "brcm,bcm2837"], "raspberry-pi-3"),
        (["raspberrypi,3-model-a-plus", "brcm,bcm2837"], "raspberry-pi-3"),
        (["raspberrypi,model-zero-2-w", "brcm,bcm2837"], "raspberry-pi-zero-2-w"),
        (["raspberrypi,4-model-b", "brcm,bcm2711"], "raspberry-pi-4"),
        (["raspberrypi,400", "brcm,bcm2711"], "raspberry-pi-4"),
        (["raspberrypi,4-compute-module", "brcm,bcm2711"], "raspberry-pi-cm4"),
        (["raspberrypi,5-model-b", "brcm,bcm2712"], "raspberry-pi-5"),
        (["raspberrypi,5-compute-module", "brcm,bcm2712"], "raspberry-pi-cm5"),
        (["ti,am335x-bone-black", "ti,am335x-bone", "ti,am33xx"], "beaglebone-black"),
        (
            ["ti,am335x-bone-black-wireless", "ti,am335x-bone-black", "ti,am335x-bone", "ti,am33xx"],
            "beaglebone-black"
        ),
        (["xunlong,orangepi-pc2", "allwinner,sun50i-h5"], "orange-pi-pc2"),
        (["pine64,pine64-plus", "allwinner,sun50i-a64"], "pine-a64"),
        (["pine64,pine64", "allwinner,sun50i-a64"], "pine-a64"),
        (["radxa,rock-5b", "rockchip,rk3588"], "radxa-rock-5b"),
        (["hardkernel,odroid-m1", "rockchip,rk3568"], "odroid-m1"),
        (["rockchip,rk3568-odroid-m1", "rockchip,rk3568"], "odroid-m1"),
        (["nvidia,p3450-0000", "nvidia,tegra210"], "jetson-nano"),
        (["nvidia,jetson-nano", "nvidia,tegra210"], "jetson-nano"),
    ]
    /// The trees of Debian 13's armhf kernel for boards with a BCM2835.
    private static let armv6 = [
        "raspberrypi,model-a", "raspberrypi,model-a-plus", "raspberrypi,model-b", "raspberrypi,model-b-rev2",
        "raspberrypi,model-b-plus", "raspberrypi,compute-module", "raspberrypi,model-zero",
        "raspberrypi,model-zero-w",
    ]

    private static func boards() throws -> [(name: String, board: BoardDescription)] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "boards")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
            $0.hasSuffix(".toml")
        }.map { file in
            let bytes = try Array(Data(contentsOf: folder.appending(path: file)))
            return (String(file.dropLast(5)), try BoardDescription.parse(bytes, file: file))
        }
    }

    private func chosen(_ machine: MachineIdentity) throws -> String? {
        let boards = try Self.boards()
        let match = BoardDescription.matching(machine, among: boards.map(\.board))
        return boards.first { $0.board == match }?.name
    }

    @Test("Each machine gets its board", arguments: machines)
    func device(compatible: [String], file: String) throws {
        #expect(try chosen(MachineIdentity(compatible: compatible)) == file)
    }

    @Test("Every device-tree string of a board file is tried here")
    func complete() throws {
        let tried = Set(Self.machines.flatMap(\.compatible))
        for string in try Self.boards().flatMap(\.board.compatible) {
            #expect(tried.contains(string), "\(string)")
        }
    }

    @Test("A SoC alone chooses no board", arguments: machines)
    func soc(compatible: [String], file: String) throws {
        #expect(try chosen(MachineIdentity(compatible: [compatible.last ?? ""])) == nil)
    }

    @Test("The emulated machine is chosen by its product name, and a laptop is no board")
    func product() throws {
        let emulated = MachineIdentity(dmiProduct: "Standard PC (i440FX + PIIX, 1996)")
        #expect(try chosen(emulated) == "emulated-machine")
        #expect(try chosen(MachineIdentity(dmiProduct: "ThinkPad X1")) == nil)
    }

    @Test("A Raspberry Pi with an ARMv6 processor is no board, and the text says why", arguments: armv6)
    func unsupported(string: String) throws {
        let machine = MachineIdentity(compatible: [string, "brcm,bcm2835"])
        #expect(try chosen(machine) == nil)
        #expect(machine.isARMv6)
        #expect(
            UnknownBoard(machine: machine, known: ["raspberry-pi-4"]).error.description
                == "default: board.name: This machine (\(string), brcm,bcm2835) has an ARMv6 processor, like all "
                + "Raspberry Pi 1, Zero and Zero W. It is not supported: there is no Swift for ARMv6. Use a Raspberry "
                + "Pi Zero 2 W or a later model.")
    }

    @Test("No other machine of the list counts as ARMv6", arguments: machines)
    func supported(compatible: [String], file: String) {
        #expect(!MachineIdentity(compatible: compatible).isARMv6)
    }
}
