// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Logging
import PlugAndPlay
import Quantities

extension CloudService {
    /// How long this process's memory waits for a sample to go out with.
    private static let memoryPatience = Duration.seconds(1)

    /// Takes new temperatures from the control loop; returns at once.
    package func offer(_ temperatures: [ControlLoop.Temperature]) async {
        var values: [TelemetryPump.Value] = []
        for temperature in temperatures {
            let id = temperature.thermostat
            // A stand-in's invented warmth must not pass for the highest real temperature of this boot.
            if temperature.isSimulated == settings.isSimulated {
                raiseMaximum(of: id, to: temperature.celsius)
                reportMaximum(of: id, at: temperature.takenAt.monotonic)
            }
            guard rhythms[id]?.take(at: temperature.takenAt.monotonic) == true else { continue }
            values.append(
                TelemetryPump.Value(
                    temperature.celsius, of: .temperature(of: id), simulated: temperature.isSimulated,
                    takenAt: temperature.takenAt))
        }
        if let memory = dueMemory() { values.append(memory) }
        await pump.offer(values.filter { mayGo($0) })
    }

    /// This process's memory where it is due; sees to it that it goes out the next time too, also without a sample.
    ///
    /// With a sample it costs no wake-up of its own.
    private func dueMemory() -> TelemetryPump.Value? {
        let now = time.now()
        guard memoryRhythm.take(at: now.monotonic) else { return nil }
        memoryReminder?.cancel()
        let latest = memoryRhythm.due.advanced(by: Self.memoryPatience)
        memoryReminder = Task {
            do { try await time.sleep(until: latest) } catch { return }
            await offer([])
        }
        return workingSet().map {
            TelemetryPump.Value($0, of: .workingSet, simulated: settings.isSimulated, takenAt: now)
        }
    }

    /// Whether a value is to be sent: not where the hub's day is nearly used up.
    private func mayGo(_ value: TelemetryPump.Value) -> Bool {
        switch account?.decide(value.telemetry.component ?? "") ?? .send {
        case .send: return true
        case .skip: return false
        case .beginToSkip:
            log.warning(
                """
                Most of the messages that the hub takes on one day are used up: telemetry slows down until midnight UTC. \
                Set telemetry.interval so that the day is enough; `sensor-agent check` says what fits.
                """)
            return false
        }
    }
}
