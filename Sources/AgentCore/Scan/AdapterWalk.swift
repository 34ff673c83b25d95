// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Quantities
import SensorDrivers
import ThreadExecutor

/// Goes over the addresses of one adapter on a thread of its own, where a call may block for seconds.
actor AdapterWalk {
    /// The addresses that chips can have; the others are reserved.
    ///
    /// NXP UM10204, 3.1.12.
    static let addresses: ClosedRange<UInt8> = 0x08...0x77

    /// What comes of one address.
    private enum Step {
        case nothing
        case found(ScanReport.Finding)
        case timedOut(BusError)
        /// The adapter cannot be scanned any further.
        case stop(ScanReport.Problem)
    }

    /// An adapter that only now says input/output error was waiting for the bus, not refused by it.
    private static let lateness = Duration.seconds(1)

    private nonisolated let executor: ThreadExecutor
    private let adapter: I2CAdapter
    private let address: I2CBusAddress
    private let hardware: any Hardware
    private let inUse: [UInt8: SensorName]
    private let time: any TimeSource
    /// The last of the failures that some adapters give for addresses without a chip.
    private var silence: BusError?
    /// How many addresses gave a clear answer, be it that nobody is there.
    private var answers = 0

    /// The executor of the adapter's thread.
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Prepares a walk over `adapter`, which is opened as `bus`; nothing is opened yet.
    init(
        _ adapter: I2CAdapter, bus: I2CBusAddress, hardware: any Hardware, inUse: [UInt8: SensorName],
        time: any TimeSource
    ) {
        executor = ThreadExecutor(name: "scan \(adapter.number)")
        self.adapter = adapter
        address = bus
        self.hardware = hardware
        self.inUse = inUse
        self.time = time
    }

    deinit { executor.shutdown() }

    /// Asks every address, and tells `findings` what is there and how it ended.
    func run(_ findings: AdapterFindings, _ progress: @Sendable (Scanner.Progress) -> Void) async {
        let bus: any I2CBus
        do throws(BusError) {
            bus = try hardware.openI2C(address)
        } catch {
            findings.end(ScanReport.Problem(error))
            return
        }
        var wasLate = false
        for (index, address) in Self.addresses.enumerated() {
            findings.begin(address)
            let step = await step(at: address, on: bus)
            // What a cancelled wait gave is no answer.
            guard !Task.isCancelled else { return findings.end(.cancelled) }
            var isLate = false
            switch step {
            case .nothing: break
            case .found(let finding): findings.add(address, finding)
            case .timedOut(let error) where wasLate: return findings.end(.stuck(error))
            case .timedOut(let error):
                isLate = true
                findings.add(address, .failed(ScanReport.Problem(error)))
            case .stop(let problem): return findings.end(problem)
            }
            wasLate = isLate
            progress(
                Scanner.Progress(
                    deviceFile: adapter.deviceFile, done: index + 1, total: Self.addresses.count))
        }
        findings.end(answers == 0 ? silence.map { .silent($0) } : nil)
    }

    private func step(at address: UInt8, on bus: any I2CBus) async -> Step {
        if let driver = adapter.holders[address] { return .found(.held(driver: driver)) }
        if let sensor = inUse[address] { return .found(.inUse(sensor)) }
        let start = time.now().monotonic
        do throws(BusError) {
            let isPresent = try isPresent(address, on: bus)
            answers += 1
            guard isPresent else { return .nothing }
        } catch {
            let isLate = start.duration(to: time.now().monotonic) >= Self.lateness
            return error.kind == .inputOutput && isLate ? .timedOut(error) : step(after: error)
        }
        do throws(SensorError) {
            let device = I2CDevice(bus: bus, address: address)
            return .found(.identified(try await identity(of: device)))
        } catch {
            return step(after: error)
        }
    }

    /// Asked again where another controller was faster.
    private func isPresent(_ address: UInt8, on bus: any I2CBus) throws(BusError) -> Bool {
        let probe = PresenceProbe.usual(for: address)
        do throws(BusError) {
            return try bus.answers(at: address, to: probe)
        } catch {
            guard error.kind == .arbitrationLost else { throw error }
            return try bus.answers(at: address, to: probe)
        }
    }

    private func identity(of device: I2CDevice) async throws(SensorError) -> ChipIdentity {
        let time = time
        let pause: (Duration) async -> Void = { try? await time.sleep(for: $0) }
        do throws(SensorError) {
            return try await ChipIdentification.identify(device, pause: pause)
        } catch {
            guard error.cause?.kind == .arbitrationLost else { throw error }
            return try await ChipIdentification.identify(device, pause: pause)
        }
    }

    private func step(after error: BusError) -> Step {
        switch error.kind {
        case .noAcknowledge: return .nothing
        case .inputOutput:
            silence = error
            return .nothing
        case .timedOut: return .timedOut(error)
        case .busy: return .found(.held(driver: nil))
        case .notFound, .permission, .unsupported: return .stop(ScanReport.Problem(error))
        case .arbitrationLost, .protocolViolation, .shortTransfer:
            return .found(.failed(ScanReport.Problem(error)))
        }
    }

    private func step(after error: SensorError) -> Step {
        guard let cause = error.cause else {
            let reason = error.kind == .notFound ? "it answered once and then no more" : error.detail
            return .found(.unknown(reason: reason))
        }
        switch cause.kind {
        case .unsupported: return .found(.notAskable(reason: cause.advice))
        case .timedOut: return .timedOut(cause)
        case .busy: return .found(.held(driver: nil))
        case .notFound: return .stop(ScanReport.Problem(cause))
        default:
            return .found(.failed(ScanReport.Problem(kind: error.kind.rawValue, text: "\(error)")))
        }
    }
}
