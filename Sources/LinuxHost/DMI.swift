// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The strings that a PC's firmware gives, without those that a maker forgot to fill in.
///
/// Kernel: `Documentation/ABI/testing/sysfs-class-dmi`; System Management BIOS specification, 7.1 to 7.3.
struct DMI: Sendable {
    let tree: SystemTree
    /// Where the strings are in the tree.
    var folder = "/sys/class/dmi/id"

    /// What `FIELD` in ``folder`` says, or `nil` where it says nothing.
    func value(_ field: String) -> String? {
        guard let value = tree.value("\(folder)/\(field)"), !Self.isPlaceholder(value) else {
            return nil
        }
        return value
    }

    /// Whether a text only stands where a real one should.
    static func isPlaceholder(_ text: String) -> Bool {
        let folded = text.lowercased().filter { $0.isLetter || $0.isNumber }
        guard let first = folded.first else { return true }
        if folded.allSatisfy({ $0 == first }) { return true }  // 0000, xxxx, FFFF
        return placeholders.contains(folded) || folded.hasPrefix("tobefilledbyoem")
    }

    private static let placeholders: Set<String> = [
        "defaultstring", "systemmanufacturer", "systemproductname", "systemversion", "systemserialnumber",
        "baseboardmanufacturer", "baseboardproductname", "baseboardserialnumber", "boardserialnumber",
        "chassisserialnumber", "notspecified", "notapplicable", "notavailable", "na", "none", "null", "empty",
        "unknown", "undefined", "oem", "oemname", "productname", "invalid", "typeproductname", "serialnumber",
        "filledbyoem", "123456789", "1234567890", "0123456789", "12345678", "1234567", "123456", "tbd",
        "sample",
        "bsn12345678901234567",
    ]
}
