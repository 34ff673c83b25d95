// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What becomes of an output's level when the program that holds the line dies.
package enum LineRetention: Sendable, Hashable {
    /// The line becomes an input again, and its pull decides.
    case released
    /// The kernel keeps the level until somebody requests the line again: a relay stays as it was.
    case kept
    /// The driver does not say; the level is undefined.
    case unknown

    /// What the kernel of a Raspberry Pi says about the chip with that label.
    ///
    /// `drivers/pinctrl/bcm/pinctrl-bcm2835.c` and `drivers/pinctrl/pinctrl-rp1.c`, parameter `persist_gpio_outputs`: Linux
    /// has it since 6.10, off by default, the Raspberry Pi kernel since May 2024, on by default. Older kernels say nothing
    /// and differ: that of the Raspberry Pi kept the level, others released the line.
    package static func read(chip: String, sysfsRoot: String = "/sys") -> LineRetention {
        let module: String? =
            switch chip {
            case "pinctrl-bcm2835", "pinctrl-bcm2711": "pinctrl_bcm2835"
            case "pinctrl-rp1": "pinctrl_rp1"
            default: nil
            }
        guard let module else { return .unknown }
        switch SysfsTree.line("\(sysfsRoot)/module/\(module)/parameters/persist_gpio_outputs") {
        case "Y", "1": return .kept
        case "N", "0": return .released
        default: return .unknown
        }
    }

    /// What to tell the operator at the start, a full sentence.
    package var sentence: String {
        switch self {
        case .released:
            """
            If this program dies, the kernel makes the line an input again: wire the relay so that its pull means off.
            """
        case .kept:
            """
            If this program dies, the kernel keeps the line's level, so the relay stays as it is until `sensor-agent relay \
            off` runs: use the service unit, which does that, or set persist_gpio_outputs=N.
            """
        case .unknown:
            "If this program dies, the line's level is undefined: wire the relay so that undefined means off."
        }
    }
}
