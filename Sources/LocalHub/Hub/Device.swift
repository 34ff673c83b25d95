// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

public import Foundation

/// How a device proves who it is.
public enum DeviceAuthentication: Sendable, Hashable {
    /// Shared keys in base64; either one signs a valid token.
    case sas(primaryKey: String, secondaryKey: String)
    /// SHA-1 or SHA-256 of the client certificate in hexadecimal; an empty text matches nothing.
    case selfSigned(primaryThumbprint: String, secondaryThumbprint: String)
    /// A client certificate signed by a registered authority, whose common name is the device id.
    case certificateAuthority

    /// The name in the service API: `sas`, `selfSigned` or `certificateAuthority`.
    public var type: String {
        switch self {
        case .sas: "sas"
        case .selfSigned: "selfSigned"
        case .certificateAuthority: "certificateAuthority"
        }
    }
}

/// What a caller says about a device to create or change.
public struct DeviceSpecification: Sendable, Hashable {
    /// nil keeps what there is, or makes new keys for a new device.
    ///
    /// An empty key is made anew.
    public var authentication: DeviceAuthentication?
    /// A disabled device is refused with CONNACK 3; nil keeps what there is (enabled at first).
    public var isEnabled: Bool?
    /// Free text; nil keeps what there is.
    public var statusReason: String?

    /// Makes a specification; everything left out keeps its value.
    public init(
        authentication: DeviceAuthentication? = nil, isEnabled: Bool? = nil, statusReason: String? = nil
    ) {
        self.authentication = authentication
        self.isEnabled = isEnabled
        self.statusReason = statusReason
    }
}

/// A registered device identity with its connection state.
public struct Device: Sendable, Hashable {
    /// The case-sensitive id.
    public let id: String
    /// Changes when a device is deleted and created again.
    public let generationId: String
    /// Changes with every change of the identity.
    public internal(set) var etag: String
    /// How it proves who it is.
    public internal(set) var authentication: DeviceAuthentication
    /// False: every CONNECT is refused with code 3.
    public internal(set) var isEnabled: Bool
    /// Free text set by the caller.
    public internal(set) var statusReason: String?
    /// When `isEnabled` last changed, nil for never.
    public internal(set) var statusUpdated: Date?
    /// True while an MQTT connection is open.
    public internal(set) var isConnected: Bool
    /// When `isConnected` last changed, nil for never.
    public internal(set) var connectionStateUpdated: Date?
    /// When the device last sent something, nil for never.
    public internal(set) var lastActivity: Date?
    /// Cloud-to-device messages not completed yet.
    public internal(set) var queuedMessages: Int
}

/// Counts of the registry.
public struct RegistryStatistics: Sendable, Hashable {
    /// All devices.
    public let total: Int
    /// Devices that may connect.
    public let enabled: Int
    /// Devices connected now.
    public let connected: Int
    /// Devices that may not connect.
    public var disabled: Int { total - enabled }
}
