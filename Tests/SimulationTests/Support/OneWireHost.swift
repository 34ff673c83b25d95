// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import Simulation

/// A controller that makes resets and slots on a line with a clock of its own.
final class OneWireHost {
    var line = OneWireLine()
    private(set) var now = ContinuousClock.now

    func wait(_ duration: Duration) {
        now = now.advanced(by: duration)
    }

    @discardableResult
    func reset() -> OneWireLine.Answer {
        wait(.milliseconds(1))
        return line.reset(at: now)
    }

    func slot(_ bit: Bool = true) -> Bool {
        wait(.microseconds(70))
        return line.slot(bit, at: now)
    }

    func write(_ bytes: [UInt8]) {
        for byte in bytes {
            for index in 0..<8 { _ = slot(byte >> index & 1 == 1) }
        }
    }

    func read(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in (0..<8).reduce(0) { $0 | (slot() ? 1 : 0) << $1 } }
    }

    /// Reset, Skip ROM, a command.
    func command(_ bytes: [UInt8]) {
        reset()
        write([0xCC] + bytes)
    }

    /// The nine bytes of the only device.
    func scratchpad() -> [UInt8] {
        command([0xBE])
        return read(9)
    }

    /// Changes the thermometer with this id.
    func change(_ id: String, _ body: (inout DS18B20Model, ContinuousClock.Instant) -> Void) {
        let now = now
        _ = line.withDevice(id, as: DS18B20Model.self) { body(&$0, now) }
    }
}
