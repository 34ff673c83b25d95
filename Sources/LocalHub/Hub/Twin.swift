// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

/// The desired or the reported half of a twin.
public struct TwinSection: Sendable, Hashable {
    /// The properties, always an object, without `$version` and `$metadata`.
    public internal(set) var properties: JSON = .emptyObject
    /// `$lastUpdated` per property, in the tree form of the service API.
    public internal(set) var metadata: JSON
    /// Starts at 1 and grows by one with each accepted change.
    public internal(set) var version = 1

    init(at now: Date) {
        metadata = ["$lastUpdated": .string(Timestamp.text(now))]
    }

    /// Properties and `$version`, the form a device sees.
    public var deviceDocument: JSON {
        var members = properties.object ?? [:]
        members["$version"] = .integer(version)
        return .object(members)
    }

    /// Properties, `$version` and `$metadata`, the form a service client sees.
    public var serviceDocument: JSON {
        var members = properties.object ?? [:]
        members["$version"] = .integer(version)
        members["$metadata"] = metadata
        return .object(members)
    }
}

/// The stored state of a device: tags, desired and reported properties.
public struct Twin: Sendable, Hashable {
    /// The device this belongs to.
    public let deviceId: String
    /// Changes with tags and desired properties, not with reported ones.
    public internal(set) var etag: String
    /// Counts all changes of any part.
    public internal(set) var version = 1
    /// Service-side data the device never sees, always an object.
    public internal(set) var tags: JSON = .emptyObject
    /// What the service wants.
    public internal(set) var desired: TwinSection
    /// What the device says.
    public internal(set) var reported: TwinSection
    /// The model announced at the last CONNECT.
    public internal(set) var modelId: String?

    init(deviceId: String, etag: String, at now: Date) {
        self.deviceId = deviceId
        self.etag = etag
        desired = TwinSection(at: now)
        reported = TwinSection(at: now)
    }
}
