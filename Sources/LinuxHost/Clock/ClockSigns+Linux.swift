// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CLinuxHost
package import Quantities

extension ClockSigns {
    /// Looks at this machine, below `root`.
    ///
    /// `adjtimex` tells the kernel's flag; a sandbox with `ProtectClock=` refuses that, and then `question` is of use. The mark
    /// is the file that systemd-timesyncd makes when it has set the clock, and that goes with the boot.
    package static func read(root: String = "/", question: TimeServiceQuestion) -> ClockSigns {
        let tree = SystemTree(root)
        let flag = clinuxhost_clock_is_synchronised()
        return ClockSigns(
            kernelIsSynchronised: flag < 0 ? nil : flag == 1,
            hasMark: tree.bytes("/run/systemd/timesync/synchronized") != nil,
            hardwareClock: { hardwareClock(tree) }, timeService: { question.answer(at: .now) })
    }

    /// The time of the clock chip that the kernel has set its clock from; `nil` where it had none.
    ///
    /// Kernel documentation, ABI/testing/sysfs-class-rtc: `hctosys`, `since_epoch`.
    private static func hardwareClock(_ tree: SystemTree) -> WallTime? {
        for number in 0..<4 {
            let folder = "/sys/class/rtc/rtc\(number)"
            guard tree.value("\(folder)/hctosys") == "1" else { continue }
            guard let seconds = tree.value("\(folder)/since_epoch").flatMap(Int64.init) else { return nil }
            let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
            return overflow ? nil : WallTime(millisecondsSince1970: milliseconds)
        }
        return nil
    }
}
