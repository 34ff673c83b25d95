// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What a machine says of itself, and which board file that means.
package struct MachineIdentity: Sendable, Hashable {
    /// The device tree's `compatible` strings, most specific first; empty on machines without one.
    ///
    /// C: `/sys/firmware/devicetree/base/compatible`, separated by NUL.
    package var compatible: [String]
    /// The DMI product name; `nil` on machines without DMI.
    ///
    /// C: `/sys/class/dmi/id/product_name`.
    package var dmiProduct: String?

    /// Makes an identity from its parts.
    package init(compatible: [String] = [], dmiProduct: String? = nil) {
        self.compatible = compatible
        self.dmiProduct = dmiProduct
    }

    /// Whether the processor is an ARMv6, for which there is no Swift.
    ///
    /// The BCM2835 (ARM1176) of Raspberry Pi 1, Zero and Zero W; Linux `arch/arm/boot/dts/broadcom/bcm2835-rpi-*.dts`.
    package var isARMv6: Bool { compatible.contains("brcm,bcm2835") }

    /// Takes the bytes of the two files as they are; `nil` for a file that is not there.
    package init(compatible: [UInt8]?, dmiProduct: [UInt8]?) {
        let strings = (compatible ?? []).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        let product = String(decoding: dmiProduct ?? [], as: UTF8.self).split(whereSeparator: \.isNewline)
            .first
        self.init(compatible: strings, dmiProduct: product.map(String.init))
    }
}

extension BoardDescription {
    /// The board that the machine is, by the most specific `compatible` string, else by DMI; `nil` where none fits.
    ///
    /// A generic string such as the SoC's is in no board file, so it chooses nothing.
    package static func matching(_ machine: MachineIdentity, among boards: [BoardDescription])
        -> BoardDescription?
    {
        for string in machine.compatible {
            if let board = boards.first(where: { $0.compatible.contains(string) }) { return board }
        }
        guard let product = machine.dmiProduct else { return nil }
        return boards.first { $0.dmiProducts.contains { product.contains($0) } }
    }

    /// What of `machine` names this board, for people; `nil` where nothing does.
    package func reason(for machine: MachineIdentity) -> String? {
        if let string = machine.compatible.first(where: compatible.contains) { return string }
        guard let product = machine.dmiProduct, dmiProducts.contains(where: product.contains) else {
            return nil
        }
        return product
    }
}
