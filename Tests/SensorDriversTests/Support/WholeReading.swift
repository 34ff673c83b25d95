// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

@testable import SensorDrivers

/// One whole reading on a bus that knows no time: how long the driver asked to wait, in order, and what it gave.
struct WholeReading {
    var waits: [Duration] = []
    var measurements: [Measurement] = []

    init(of sensor: inout some Sensor) throws(SensorError) {
        waits.append(try sensor.startConversion())
        for _ in 0..<100 {
            switch try sensor.collect() {
            case .wait(let duration): waits.append(duration)
            case .finished(let measurements):
                self.measurements = measurements
                return
            }
        }
        throw SensorError(.notReady, "the driver waits for ever")
    }

    /// The value of `quantity` where it may be published as it is, else `nil`.
    func value(of quantity: Quantity) -> Double? { measurements.value(of: quantity) }
}

/// The same bytes with the bit flipped that is `bit` places from the first byte's most significant one.
func flipped(_ bytes: [UInt8], bit: Int) -> [UInt8] {
    var copy = bytes
    copy[bit / 8] ^= 0x80 >> UInt8(bit % 8)
    return copy
}
