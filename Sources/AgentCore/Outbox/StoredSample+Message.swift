// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import IoTHub
import PlugAndPlay
package import Quantities
package import StateStore

extension StoredSample {
    /// When a sample counts as made.
    package enum Creation: Sendable, Hashable {
        /// Now: the hub's own time of arrival tells.
        case now
        /// At this time.
        case at(WallTime)
        /// Nobody knows: the clock was never set in that boot.
        case unknown
    }

    /// The text that names the sample for ever: a hub that gets it twice can tell.
    package var messageID: String {
        "\(series)-\(key.stream.isEmpty ? "root" : key.stream)-\(key.sequence)"
    }

    /// The message that carries the sample.
    package func message(created: Creation) -> TelemetryMessage {
        var message = Telemetry.message(
            value, named: telemetry, component: key.stream.isEmpty ? nil : key.stream, simulated: isSimulated)
        message.messageID = messageID
        message.properties.append(.init(name: "seq", value: "\(key.sequence)"))
        switch created {
        case .now: break
        case .at(let wall): message.createdAt = wall
        case .unknown: message.properties.append(.init(name: "time", value: "unknown"))
        }
        return message
    }
}

extension SampleKey: CustomStringConvertible {
    /// The text that people read.
    package var description: String { "\(stream.isEmpty ? "root" : stream) \(sequence)" }
}
