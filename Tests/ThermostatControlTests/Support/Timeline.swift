// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

@testable import ThermostatControl

/// Virtual time in seconds after a start.
struct Timeline {
    let start = ContinuousClock.now

    func instant(_ seconds: Double) -> ContinuousClock.Instant { start.advanced(by: .seconds(seconds)) }

    func now(_ seconds: Double) -> Now { Now(monotonic: instant(seconds), wall: nil, wallIsTrusted: false) }

    func sample(_ celsius: Double, _ seconds: Double, isSimulated: Bool = false) -> TemperatureSample {
        TemperatureSample(celsius: celsius, takenAt: now(seconds), isSimulated: isSimulated)
    }
}

extension ControlSettings {
    /// A heated room with short times: on 20 s, off 30 s, at most 200 s.
    static var test: ControlSettings {
        ControlSettings(
            limits: .withRelay, mode: .heat,
            gate: GateSettings(minimumOn: .seconds(20), minimumOff: .seconds(30), maximumOn: .seconds(200)),
            watch: WatchSettings(period: .seconds(8)), drivesRealOutput: true)
    }
}
