// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Simulation
import Synchronization

/// The USB I²C adapter `i2c-tiny-usb` (0403:c631) in front of a bus with chip models.
///
/// The kernel's driver makes it a `/dev/i2c-N` named `i2c-tiny-usb at bus 001 device 002` (numbers as enumerated). What a
/// program sees of the bus's faults: no acknowledge is `ENXIO`, a transfer error `EIO` at once, a hang `EIO` or
/// `ETIMEDOUT` after seconds. Linux: `drivers/i2c/busses/i2c-tiny-usb.c`.
package final class I2CTinyUSBAdapter: EmulatedUSBDevice {
    /// What the host reads while it enumerates.
    package let identity: USBIdentity
    /// The bus behind the adapter: attach chips, change them, inject faults there.
    package let bus: VirtualI2CBus

    private struct State {
        var status = Status.idle
        var messages: [I2CMessage] = []
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
        static let lastMessage: UInt8 = 2
    }

    private static let keptMessages = 10_000
    private let functions: I2CAdapterFunctions
    private let state = Mutex(State())

    /// Makes an adapter for a bus; `serial` tells several apart, `functions` is what it says that it can do.
    package init(
        bus: VirtualI2CBus = VirtualI2CBus(), serial: String = "EMULATED-1",
        functions: I2CAdapterFunctions = .all
    ) {
        self.bus = bus
        self.functions = functions
        identity = USBIdentity(
            vendor: 0x0403, product: 0xC631, release: 0x0205, manufacturer: "sensor-agent",
            name: "emulated i2c-tiny-usb", serial: serial)
    }

    /// The messages so far, oldest first; of very many only the latest.
    package var messages: [I2CMessage] {
        state.withLock(\.messages)
    }

    /// One vendor request of the driver.
    package func control(_ setup: USBSetup, data: [UInt8], at now: ContinuousClock.Instant)
        -> USBControlAnswer
    {
        guard setup.kind == .vendor else { return .stall }
        return switch (setup.isIn, setup.request) {
        case (true, Request.functionality): .data(functions.rawValue.littleEndianBytes)
        case (false, Request.setDelay): .done
        case (true, Request.getStatus): .data([state.withLock(\.status)])
        case (_, Request.message): transfer(setup, data, at: now)
        default: .stall
        }
    }

    private func transfer(
        _ setup: USBSetup, _ data: [UInt8], at now: ContinuousClock.Instant
    ) -> USBControlAnswer {
        let isLast = setup.request & Request.lastMessage != 0
        // Nobody answers a ten-bit address.
        let address = UInt8(exactly: setup.index).flatMap { $0 < 0x80 ? $0 : nil }
        var outcome: Result<[UInt8], VirtualI2CFault>
        do throws(VirtualI2CFault) {
            guard let address else { throw .noAcknowledge }
            if setup.isIn {
                outcome = .success(try bus.read(Int(setup.length), from: address, stop: isLast))
            } else {
                try bus.write(data, to: address, stop: isLast)
                outcome = .success(data)
            }
        } catch {
            outcome = .failure(error)
        }
        let message = I2CMessage(setup, bytes: data, outcome: outcome, at: now)
        state.withLock { state in
            state.status = Self.status(outcome)
            if state.messages.count >= Self.keptMessages {
                state.messages.removeFirst(Self.keptMessages / 10)
            }
            state.messages.append(message)
        }
        return Self.answer(outcome, setup)
    }

    private static func status(_ outcome: Result<[UInt8], VirtualI2CFault>) -> UInt8 {
        switch outcome {
        case .success: Status.acknowledged
        case .failure(.noAcknowledge): Status.notAcknowledged
        case .failure(.transferError), .failure(.hang): Status.idle
        }
    }

    private static func answer(_ outcome: Result<[UInt8], VirtualI2CFault>, _ setup: USBSetup)
        -> USBControlAnswer
    {
        switch outcome {
        case .success(let bytes): .data(setup.isIn ? bytes : [])
        // A short answer would be an I/O error; only the status tells the driver that nobody was there.
        case .failure(.noAcknowledge):
            .data(setup.isIn ? Array(repeating: 0xFF, count: Int(setup.length)) : [])
        case .failure(.transferError): .stall
        case .failure(.hang): .silence
        }
    }
}
