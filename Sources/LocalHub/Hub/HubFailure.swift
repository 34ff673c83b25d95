// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// An error as IoT Hub reports it: a six-digit code whose first three digits are the HTTP status.
public struct HubFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Six-digit code, for example 404001.
    public let code: Int
    /// Name of the code, for example `DeviceNotFound`; the value of the `iothub-errorcode` header.
    public let name: String
    /// What happened, for a person.
    public let message: String
    /// Extra members of the error body.
    public let info: JSON

    /// Makes a failure from its parts.
    public init(code: Int, name: String, message: String, info: JSON = .emptyObject) {
        self.code = code
        self.name = name
        self.message = message
        self.info = info
    }

    /// The HTTP or twin status that goes with the code.
    public var status: Int { code / 1000 }

    /// Code, name and message in one line.
    public var description: String { "\(code) \(name): \(message)" }
}

extension HubFailure {
    /// 400004: a rule for ids, documents or numbers is broken.
    public static func argumentInvalid(_ message: String) -> HubFailure {
        HubFailure(code: 400_004, name: "ArgumentInvalid", message: message)
    }

    /// 404001: no device of that id.
    public static func deviceNotFound(_ id: String) -> HubFailure {
        HubFailure(
            code: 404_001, name: "DeviceNotFound",
            message: "Device \"\(id)\" is not registered. Create it: local-hub devices create \(id)")
    }

    /// 404201: no enrollment or group of that id.
    public static func enrollmentNotFound(_ id: String) -> HubFailure {
        HubFailure(
            code: 404_201, name: "EnrollmentNotFound",
            message: "No enrollment \"\(id)\". Create it first, or list what exists.")
    }

    /// 409001: the device exists and no etag was given to replace it.
    public static func deviceAlreadyExists(_ id: String) -> HubFailure {
        HubFailure(
            code: 409_001, name: "DeviceAlreadyExists",
            message: "Device \"\(id)\" exists. Send If-Match with its etag or * to change it.")
    }

    /// 412001: the etag given is not the current one.
    public static func preconditionFailed(_ etag: String) -> HubFailure {
        HubFailure(
            code: 412_001, name: "PreconditionFailed",
            message: "The etag given is not the current one, \"\(etag)\". Read again and retry.")
    }

    /// 403004: 50 cloud-to-device messages wait already.
    public static let queueFull = HubFailure(
        code: 403_004, name: "DeviceMaximumQueueDepthExceeded",
        message: "50 messages wait for this device already. Let it receive some first.")

    /// 413001: a message is larger than its limit.
    public static func tooLarge(_ message: String) -> HubFailure {
        HubFailure(code: 413_001, name: "MessageTooLarge", message: message)
    }

    /// 404103: a method call found no device that takes methods.
    public static func deviceNotOnline(after timeout: Duration) -> HubFailure {
        HubFailure(
            code: 404_103, name: "DeviceNotOnline", message: "Timed out waiting for device to connect.",
            info: ["timeout": .string(Timestamp.clock(timeout))])
    }

    /// 504101: the device took a method call and did not answer it in time.
    public static let gatewayTimeout = HubFailure(
        code: 504_101, name: "GatewayTimeout", message: "Timed out waiting for the response from device.")
}
