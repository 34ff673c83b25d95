// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Simulation
import Synchronization

/// A change of a relay's line.
struct Edge: Sendable {
    /// Whether the line went active.
    var isOn: Bool
    /// When it was set, on ``monotonicNanoseconds()``.
    var at: Int64
}

/// A machine of simulated output lines that tells when one of them changes.
final class EdgeRecorder: Hardware {
    private let edges: AsyncStream<Edge>
    private let sink: AsyncStream<Edge>.Continuation
    private let isOn = Mutex(false)

    init() { (edges, sink) = AsyncStream.makeStream() }

    /// The next edge that nobody has taken yet, for one caller at a time; `nil` for one who was cancelled.
    func next() async -> Edge? {
        for await edge in edges { return edge }
        return nil
    }

    func openLine(_ line: LineAddress, _ use: LineUse) throws(BusError) -> sending any OutputLine {
        SimulatedLine { [self] level in
            let now = monotonicNanoseconds()
            let isEdge = isOn.withLock { isOn in
                defer { isOn = level }
                return isOn != level
            }
            if isEdge { sink.yield(Edge(isOn: level, at: now)) }
        }
    }

    func openI2C(_ bus: I2CBusAddress) throws(BusError) -> sending any I2CBus {
        throw BusError(.notFound, operation: "find I2C adapter", location: bus.description)
    }
    func openSysfs(_ device: SysfsAddress) throws(BusError) -> sending any SysfsDevice {
        throw BusError(.notFound, operation: "find", location: device.description)
    }
    func i2cAdapters() -> [I2CAdapter] { [] }
    func oneWireIDs() -> [String] { [] }
    func kernelSensors() -> [KernelSensor] { [] }
}
