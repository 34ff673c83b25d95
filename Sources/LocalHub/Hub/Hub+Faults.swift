// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

extension Hub {
    /// Adds a fault; several of one kind are used up one after the other.
    public func setFault(_ fault: Fault) {
        activeFaults.append(fault)
    }

    /// The faults not used up yet.
    public func faults() -> [Fault] {
        activeFaults
    }

    /// Removes all faults, or those bound to one device, and releases what they held back.
    public func clearFaults(device: String? = nil) {
        activeFaults.removeAll { device == nil || $0.deviceId == device }
        releasePubacks()
        changed()
    }

    /// Cuts the open connections of a device, or all of them, at once and without a word.
    public func dropConnections(device: String? = nil) {
        for connection in live.values where device == nil || connection.record.deviceId == device {
            end(connection.record.id, because: "dropped on request")
        }
    }

    /// Makes the open connections of a device, or all of them, neither read nor write any more.
    public func freezeConnections(device: String? = nil) {
        for connection in live.values where device == nil || connection.record.deviceId == device {
            live[connection.record.id]?.isFrozen = true
            connection.sink.freeze()
        }
    }

    /// Forgets stored sessions: subscriptions of later connections and queued messages.
    public func forgetSessions(device: String? = nil) {
        for id in states.keys where device == nil || id == device { forgetSession(id) }
        changed()
    }

    /// Uses a fault up by one when one fits, and returns what `match` made of it.
    func takeFault<Value>(for device: String?, _ match: (Fault.Kind) -> Value?) -> Value? {
        for (index, fault) in activeFaults.enumerated() {
            guard fault.deviceId == nil || fault.deviceId == device, let value = match(fault.kind) else {
                continue
            }
            if let count = fault.count {
                activeFaults[index].count = count - 1
                if count <= 1 { activeFaults.remove(at: index) }
            }
            return value
        }
        return nil
    }

    /// The fault of the handshake to come, if any.
    func takeWrongCertificate() -> Fault.WrongCertificate? {
        takeFault(for: nil) { if case .wrongCertificate(let kind) = $0 { kind } else { nil } }
    }

    /// Uses a fault of exactly that kind up by one.
    func takeFault(_ kind: Fault.Kind, for device: String?) -> Bool {
        takeFault(for: device) { $0 == kind ? true : nil } ?? false
    }
}
