// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Simulation
import Synchronization

/// The USB I²C adapter `i2c-tiny-usb` (0403:c631) with chip models on its bus.
///
/// The kernel's driver makes it a `/dev/i2c-N` named `i2c-tiny-usb at bus 001 device 002` (numbers as enumerated).
/// Linux: `drivers/i2c/busses/i2c-tiny-usb.c`.
package final class I2CTinyUSBAdapter: EmulatedUSBDevice {
    /// What the host reads while it enumerates.
    package let identity: USBIdentity

    private struct State {
        var bus = EmulatedI2CBus()
        var status = Status.idle
    }

    private enum Status {
        static let idle: UInt8 = 0
        static let acknowledged: UInt8 = 1
        static let notAcknowledged: UInt8 = 2
    }

    private enum Request {
        static let functionality: UInt8 = 1
        static let setDelay: UInt8 = 2
        static let getStatus: UInt8 = 3
        /// Plus 1 for the first message of a transfer, plus 2 for the last.
        static let message: ClosedRange<UInt8> = 4...7
    }

    /// Plain I²C and all SMBus calls that the kernel builds from it, with packet error checking.
    private static let functionality: UInt32 = 0x0EFF_000B
    private let state = Mutex(State())

    /// Makes an adapter without chips; `serial` tells several apart.
    package init(serial: String = "EMULATED-1") {
        identity = USBIdentity(
            vendor: 0x0403, product: 0xC631, release: 0x0205, manufacturer: "sensor-agent",
            name: "emulated i2c-tiny-usb", serial: serial)
    }

    /// Puts a chip at a 7-bit address, in place of the one that is there.
    package func attach(_ chip: any I2CChipModel, at address: UInt8) {
        state.withLock { $0.bus.chips[address] = chip }
    }

    /// Takes the chip at an address off the bus.
    package func detach(_ address: UInt8) {
        state.withLock { $0.bus.chips[address] = nil }
    }

    /// Looks at or changes the chip at an address; `nil` where no chip of that type is.
    package func withChip<Chip: I2CChipModel, Result: Sendable>(
        at address: UInt8, as type: Chip.Type = Chip.self, _ body: @Sendable (inout Chip) -> Result
    ) -> Result? {
        state.withLock { state in
            guard var chip = state.bus.chips[address] as? Chip else { return nil }
            let result = body(&chip)
            state.bus.chips[address] = chip
            return result
        }
    }

    /// Makes the next `times` messages to an address fail, all further ones with `nil`; replaces an earlier fault there.
    package func inject(_ fault: I2CFault, at address: UInt8, times: Int? = 1) {
        state.withLock { $0.bus.faults[address] = .init(fault: fault, remaining: times) }
    }

    /// Ends the fault at an address.
    package func clearFault(at address: UInt8) {
        state.withLock { $0.bus.faults[address] = nil }
    }

    /// The messages so far, oldest first; only the latest ten thousand are kept.
    package var messages: [I2CMessage] {
        state.withLock { Array($0.bus.messages) }
    }

    /// One vendor request of the driver.
    package func control(_ setup: USBSetup, data: [UInt8], at now: ContinuousClock.Instant)
        -> USBControlAnswer
    {
        guard setup.kind == .vendor else { return .stall }
        return state.withLock { state in
            switch (setup.isIn, setup.request) {
            case (true, Request.functionality): .data(Self.functionality.littleEndianBytes)
            case (false, Request.setDelay): .done
            case (true, Request.getStatus): .data([state.status])
            case (_, Request.message): Self.transfer(&state, setup, data, at: now)
            default: .stall
            }
        }
    }

    private static func transfer(
        _ state: inout State, _ setup: USBSetup, _ data: [UInt8], at now: ContinuousClock.Instant
    ) -> USBControlAnswer {
        let outcome = state.bus.perform(
            // Ten-bit addresses answer nothing here, as on the adapter's firmware.
            address: setup.index < 0x80 ? UInt8(setup.index) : nil, isRead: setup.isIn,
            isLast: setup.request & 2 != 0,
            write: data, readCount: Int(setup.length), at: now)
        switch outcome {
        case .acknowledged(let bytes):
            state.status = Status.acknowledged
            return .data(bytes)
        case .notAcknowledged:
            state.status = Status.notAcknowledged
            // A short answer would be an I/O error; only the status tells the driver that nobody was there.
            return setup.isIn ? .data(Array(repeating: 0xFF, count: Int(setup.length))) : .done
        case .failed:
            state.status = Status.idle
            return .stall
        case .silent:
            return .silence
        }
    }
}
