// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Crypto
import Foundation

extension Hub {
    /// The device of that id, or nil.
    public func device(_ id: String) -> Device? {
        states[id].map(\.device)
    }

    /// Devices in order of their ids, at most `top`.
    public func devices(top: Int = 1000) -> [Device] {
        states.values.map(\.device).sorted { $0.id < $1.id }.prefix(max(top, 0)).map(\.self)
    }

    /// Counts of the registry.
    public func statistics() -> RegistryStatistics {
        let devices = states.values.map(\.device)
        return RegistryStatistics(
            total: devices.count, enabled: devices.count(where: \.isEnabled),
            connected: devices.count(where: \.isConnected))
    }

    /// Creates a device, or changes one when `ifMatch` is its etag or `*`.
    ///
    /// Throws 400004 for an id or key that is not allowed, 409001 when the device exists and `ifMatch` is nil,
    /// 412001 when the etag is not current, 404001 when an etag is given for a device that does not exist.
    @discardableResult
    public func putDevice(
        _ id: String, _ specification: DeviceSpecification = DeviceSpecification(), ifMatch: String? = nil
    ) throws(HubFailure) -> Device {
        try DeviceRules.checkId(id)
        let authentication = try specification.authentication.map { value throws(HubFailure) in
            try DeviceRules.completed(value)
        }
        guard var state = states[id] else {
            if let ifMatch, ifMatch != "*" { throw .deviceNotFound(id) }
            return create(id, authentication ?? DeviceRules.newKeys(), specification)
        }
        guard let ifMatch else { throw .deviceAlreadyExists(id) }
        try checkEtag(ifMatch, state.device.etag)
        state.device.authentication = authentication ?? state.device.authentication
        state.device.statusReason = specification.statusReason ?? state.device.statusReason
        state.device.etag = newEtag()
        if let isEnabled = specification.isEnabled, isEnabled != state.device.isEnabled {
            state.device.isEnabled = isEnabled
            state.device.statusUpdated = configuration.now()
        }
        states[id] = state
        if !state.device.isEnabled { disconnect(device: id, because: "device disabled") }
        changed()
        return states[id]?.device ?? state.device
    }

    /// Removes a device with its twin and ends its connection.
    ///
    /// Throws 404001 when there is none, 412001 when `ifMatch` is given and not current.
    public func deleteDevice(_ id: String, ifMatch: String? = nil) throws(HubFailure) {
        guard let state = states[id] else { throw .deviceNotFound(id) }
        try checkEtag(ifMatch, state.device.etag)
        disconnect(device: id, because: "device deleted")
        states[id] = nil
        changed()
    }

    private func create(
        _ id: String, _ authentication: DeviceAuthentication, _ specification: DeviceSpecification
    ) -> Device {
        let device = Device(
            id: id, generationId: String(nextNumber()), etag: newEtag(), authentication: authentication,
            isEnabled: specification.isEnabled ?? true, statusReason: specification.statusReason,
            statusUpdated: nil, isConnected: false, connectionStateUpdated: nil, lastActivity: nil,
            queuedMessages: 0)
        let twin = Twin(deviceId: id, etag: newEtag(), at: configuration.now())
        states[id] = DeviceState(device: device, twin: twin)
        changed()
        return device
    }

    /// A text not given before, in the base64 form of the service.
    func newEtag() -> String {
        withUnsafeBytes(of: UInt64(nextNumber()).bigEndian) { Data($0).base64EncodedString() }
    }

    /// Passes nil, `*` and the current etag; quotes around it do not count.
    func checkEtag(_ given: String?, _ current: String) throws(HubFailure) {
        guard let given else { return }
        let bare = given.trimmingCharacters(in: CharacterSet(charactersIn: "\""))
        guard bare == "*" || bare == current else { throw .preconditionFailed(current) }
    }
}

/// What the registry allows.
enum DeviceRules {
    private static let idPunctuation = Set("-.%_*?!(),:=@$'")

    static func checkId(_ id: String) throws(HubFailure) {
        let allowed = id.allSatisfy {
            $0.isASCII && ($0.isLetter || $0.isNumber || idPunctuation.contains($0))
        }
        guard !id.isEmpty, id.utf8.count <= 128, allowed else {
            throw .argumentInvalid(
                "Device id \"\(id)\" is not allowed. Use 1 to 128 ASCII letters, digits and - . % _ * ? ! ( ) , : = @ $ '"
            )
        }
    }

    static func newKey() -> String {
        SymmetricKey(size: .bits256).withUnsafeBytes { Data($0).base64EncodedString() }
    }

    static func newKeys() -> DeviceAuthentication {
        .sas(primaryKey: newKey(), secondaryKey: newKey())
    }

    /// The same with keys in place of empty ones; throws 400004 for what is no key.
    static func completed(_ value: DeviceAuthentication) throws(HubFailure) -> DeviceAuthentication {
        guard case .sas(var primary, var secondary) = value else { return value }
        if primary.isEmpty { primary = newKey() }
        if secondary.isEmpty { secondary = newKey() }
        for key in [primary, secondary] {
            guard let data = Data(base64Encoded: key), (16...64).contains(data.count) else {
                throw .argumentInvalid("A key must be base64 of 16 to 64 bytes.")
            }
        }
        return .sas(primaryKey: primary, secondaryKey: secondary)
    }
}
