// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import EmulatedHardware

/// The two GPIO chips of a viperboard as the guest's kernel has them.
package struct GuestGPIOChips: Sendable, Hashable {
    /// The device file of bank A, for example `/dev/gpiochip0`; its label is `viperboard gpio a`.
    package var a: String
    /// The device file of bank B; its label is `viperboard gpio b`.
    package var b: String
    /// The bus id that the adapter is plugged in under.
    package var busID: String
}

extension EmulatedMachine {
    /// Plugs an emulated GPIO adapter into the guest; returns when both device files are there.
    package func plug(_ adapter: ViperboardAdapter, as busID: String) async throws -> GuestGPIOChips {
        let interface: String = try await plug(adapter as any EmulatedUSBDevice, as: busID)
        let files = try await shell(Self.chipsScript, [interface])
        guard files.count == 2 else {
            throw EmulatedMachineError.guest(
                "finding the chips of \(busID)", files.joined(separator: "\n"))
        }
        return GuestGPIOChips(a: files[0], b: files[1], busID: busID)
    }

    /// Finds the chips of a USB interface and prints their device files; the driver registers bank A first.
    private static let chipsScript = #"""
        shopt -s nullglob
        while true; do
            chips=("/sys/bus/usb/devices/$1"/*/gpiochip*)
            chips=("${chips[@]##*/}")
            if [ ${#chips[@]} -eq 2 ] && [ -c "/dev/${chips[0]}" ] && [ -c "/dev/${chips[1]}" ]; then
                printf '/dev/%s\n' "${chips[@]}" | sort -V
                exit
            fi
            sleep 0.05
        done
        """#
}
