// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The maker of the processor, from `/proc/cpuinfo`.
enum Processor {
    /// The maker's name; `nil` where the file does not tell.
    ///
    /// x86: `vendor_id`. ARM: `CPU implementer`, the code of MIDR_EL1 bits 31:24 (Arm Architecture Reference Manual),
    /// which names the maker of the core, not of the chip around it. RISC-V: `mvendorid` (JEDEC) or the core's name.
    static func manufacturer(_ cpuinfo: String) -> String? {
        for line in cpuinfo.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            guard let value = SystemTree.clean(line[line.index(after: colon)...].utf8) else { continue }
            switch SystemTree.clean(line[..<colon].utf8) {
            case "vendor_id": return x86[value] ?? value
            case "CPU implementer": return number(value).flatMap { implementers[$0] }
            case "mvendorid": return number(value).flatMap { riscV[$0] }
            default: continue
            }
        }
        return nil
    }

    private static func number(_ text: String) -> UInt64? {
        text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : UInt64(text)
    }

    private static let x86 = [
        "GenuineIntel": "Intel", "AuthenticAMD": "AMD", "HygonGenuine": "Hygon", "CentaurHauls": "Centaur",
        "Shanghai": "Zhaoxin", "Vortex86 SoC": "DM&P", "Genuine RDC": "RDC",
        "IBM/S390": "IBM",
    ]

    private static let implementers: [UInt64: String] = [
        0x41: "ARM", 0x42: "Broadcom", 0x43: "Cavium", 0x44: "DEC", 0x46: "Fujitsu", 0x48: "HiSilicon",
        0x49: "Infineon", 0x4D: "Motorola/Freescale", 0x4E: "NVIDIA", 0x50: "APM", 0x51: "Qualcomm",
        0x53: "Samsung", 0x56: "Marvell", 0x61: "Apple", 0x66: "Faraday", 0x69: "Intel", 0x6D: "Microsoft",
        0x70: "Phytium", 0xC0: "Ampere",
    ]

    private static let riscV: [UInt64: String] = [
        0x489: "SiFive", 0x5B7: "T-Head", 0x31E: "Andes", 0x710: "SpacemiT",
    ]
}
