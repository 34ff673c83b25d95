// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import EmulatedHardware

/// An I²C bus as the guest's kernel has it.
package struct GuestI2CBus: Sendable, Hashable {
    /// The bus's number: its device is `/dev/i2c-` with that number.
    package var number: Int
    /// The adapter's name as in `/sys/bus/i2c/devices/i2c-N/name`.
    package var adapter: String
    /// The bus id that it is plugged in under.
    package var busID: String
}

extension EmulatedMachine {
    /// Plugs an emulated USB device into the guest; returns when a kernel driver has taken it.
    ///
    /// `busID` is any short name that tells the devices of this machine apart. Returns the device's interface as in
    /// `/sys/bus/usb/devices`, for example `1-1:1.0`.
    @discardableResult
    package func plug(_ device: any EmulatedUSBDevice, as busID: String) async throws -> String {
        guard let port = ports.take(for: busID) else {
            throw EmulatedMachineError.guest(
                "plugging \(busID)", "it is plugged already, or all 8 ports are in use")
        }
        usb.plug(device, as: busID)
        do {
            try await shell(Self.attachScript, [GuestNetwork.adapters.host, "\(usb.port)", busID, "\(port)"])
        } catch {
            await usb.unplug(busID)
            ports.release(busID)
            throw error
        }
        return Self.interface(port)
    }

    /// Plugs an emulated I²C adapter into the guest; returns when `/dev/i2c-N` is there.
    package func plug(_ adapter: I2CTinyUSBAdapter, as busID: String) async throws -> GuestI2CBus {
        let interface: String = try await plug(adapter as any EmulatedUSBDevice, as: busID)
        let output = try await shell(Self.busScript, [interface])
        guard output.count == 2, let number = Int(output[0]) else {
            throw EmulatedMachineError.guest("finding the bus of \(busID)", output.joined(separator: "\n"))
        }
        return GuestI2CBus(number: number, adapter: output[1], busID: busID)
    }

    /// Pulls a device out; returns when the guest's kernel has removed it.
    package func unplug(_ busID: String) async throws {
        guard let port = ports.port(of: busID) else {
            throw EmulatedMachineError.guest("unplugging \(busID)", "nothing is plugged in under that name")
        }
        await usb.unplug(busID)
        try await shell(
            "while [ -e \"/sys/bus/usb/devices/$1\" ]; do sleep 0.05; done", [Self.interface(port)])
        ports.release(busID)
    }

    /// The first port of the virtual controller is port 1 of USB bus 1: the guest has no other controller.
    private static func interface(_ port: Int) -> String { "1-\(port + 1):1.0" }

    /// Imports the device over TCP, then hands the connection to the kernel; no tool of USB/IP is needed.
    ///
    /// The reply is 8 bytes of header and the 312 of the device record, which ends with bus and device number at byte
    /// 296. Only a builtin `echo` can name a descriptor of the shell itself. Speed 2 is full speed.
    private static let attachScript = #"""
        host=$1 tcp=$2 bus_id=$3 port=$4
        exec 3<>"/dev/tcp/$host/$tcp"
        { printf '\x01\x11\x80\x03\0\0\0\0%s' "$bus_id"; head -c $((32 - ${#bus_id})) /dev/zero; } >&3
        reply=$(head -c 320 <&3 | od -An -v -tx1 | tr -d ' \n')
        if [ "${#reply}" != 640 ] || [ "${reply:8:8}" != 00000000 ]; then
            echo "the emulator does not give out $bus_id: ${reply:0:16}" >&2
            exit 1
        fi
        echo "$port 3 $((16#${reply:592:8} << 16 | 16#${reply:600:8})) 2" >/sys/devices/platform/vhci_hcd.0/attach
        until [ -e "/sys/bus/usb/devices/1-$((port + 1)):1.0/driver" ]; do sleep 0.05; done
        """#

    /// Finds the I²C bus of a USB interface: prints its number and its adapter's name.
    private static let busScript = #"""
        shopt -s nullglob
        while true; do
            for bus in "/sys/bus/usb/devices/$1/"i2c-*; do
                number=${bus##*-}
                if [ -c "/dev/i2c-$number" ]; then
                    echo "$number"
                    cat "$bus/name"
                    exit
                fi
            done
            sleep 0.05
        done
        """#
}
