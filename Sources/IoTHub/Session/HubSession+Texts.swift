// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

extension HubSession {
    func targetName(_ target: Target) -> String {
        switch target {
        case .hub: return "the hub \(hubName)"
        case .provisioning:
            guard case .provisioning(let settings) = configuration.identity else {
                return "the provisioning service"
            }
            return "the provisioning service \(settings.endpoint)"
        }
    }

    /// What a CONNACK return code means and what to do next.
    static func refusal(_ code: UInt8, by name: String) -> String {
        let start = name.prefix(1).uppercased() + name.dropFirst()
        return switch code {
        case 1: "\(start) does not speak MQTT 3.1.1 (CONNACK 1); check the host name."
        case 2: "\(start) refused the client identifier (CONNACK 2); check the device or registration id."
        case 3:
            "\(start) is not available (CONNACK 3): an outage, too many connections, or the device is disabled; "
                + "if it lasts, check the device's status there."
        case 4:
            "\(start) could not read the user name or token (CONNACK 4); check host name, device id and key."
        case 5:
            "\(start) refused the credentials (CONNACK 5): unknown device, wrong key or certificate, or the clock of this machine "
                + "is wrong; check the device id, its key and the clock."
        default: "\(start) refused the connection (CONNACK \(code)); check the host name."
        }
    }

    /// What a transport said, as a sentence that another may follow.
    static func sentence(_ text: String) -> String {
        let capital = text.prefix(1).uppercased() + text.dropFirst()
        return capital.hasSuffix(".") ? capital : capital + "."
    }

    /// A duration as people read it: tenths of a second below ten, else whole seconds.
    static func text(_ duration: Duration) -> String {
        let seconds = duration.seconds
        guard seconds < 10 else { return "\(Int(min(seconds, 1e9).rounded())) s" }
        let tenths = Int((max(seconds, 0) * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
    }
}
