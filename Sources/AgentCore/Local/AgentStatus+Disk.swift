// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import StrictJSON
import ThermostatControl

extension AgentStatus {
    /// Whether the disk with the state directory answers.
    package struct Disk: Sendable, Hashable {
        /// What the disk does.
        package enum State: String, Sendable, Hashable {
            /// It takes what has to outlive the program.
            case ok
            /// It cannot be written: that lives in memory.
            case memory
            /// It has not answered for longer than ``patience``.
            case hangs
        }

        /// A call that takes longer has met a disk that hangs: a slow card takes tenths of a second.
        package static let patience = Duration.seconds(3)

        /// What the disk does.
        package var state: State
        /// For how long it has not answered, where it hangs.
        package var hangsFor: Duration?
        /// Whether control began without what an earlier run has left, and does not have it yet.
        package var isPastUnknown: Bool

        /// Tells a state as it came.
        package init(state: State, hangsFor: Duration? = nil, isPastUnknown: Bool = false) {
            self.state = state
            self.hangsFor = hangsFor
            self.isPastUnknown = isPastUnknown
        }

        /// Judges a store that has been at its present call since `busySince`.
        package init(
            busySince: ContinuousClock.Instant?, isDurable: Bool, isPastUnknown: Bool,
            at now: ContinuousClock.Instant
        ) {
            let age = busySince.map { $0.duration(to: now) } ?? .zero
            hangsFor = age > Self.patience ? age : nil
            state = hangsFor != nil ? .hangs : isDurable || busySince != nil ? .ok : .memory
            self.isPastUnknown = isPastUnknown
        }

        /// What people read.
        package var text: String {
            let past =
                isPastUnknown
                ? " Control began without what an earlier run has left, and holds the relays off for longer."
                : ""
            switch state {
            case .ok: return "answers.\(past)"
            case .memory: return "cannot be written: the state is kept in memory and lost at exit.\(past)"
            case .hangs:
                return
                    "has not answered for \((hangsFor ?? .zero).inWords): what has to outlive the program waits.\(past) "
                    + "Check the disk of the state directory."
            }
        }
    }
}

extension AgentStatus.Disk {
    /// The disk as scripts and the local socket see it.
    var json: JSONValue {
        var json: JSONValue = [
            "state": .string(state.rawValue), "pastUnknown": .bool(isPastUnknown), "text": .string(text),
        ]
        json["hangsFor"] = hangsFor?.json
        return json
    }

    /// Reads what ``json`` wrote; `nil` for anything else.
    init?(json: JSONValue?) {
        guard let state = json?["state"]?.stringValue.flatMap(State.init(rawValue:)),
            let isPastUnknown = json?["pastUnknown"]?.boolValue
        else { return nil }
        self.init(state: state, hangsFor: Duration(json: json?["hangsFor"]), isPastUnknown: isPastUnknown)
    }
}
