// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// How a registration proves who it is.
public enum Attestation: Sendable, Hashable {
    /// Keys in base64. Of a group they are the group keys, from which device keys are derived.
    case symmetricKey(primary: String, secondary: String)
    /// SHA-1 or SHA-256 of the client certificate in hexadecimal (individual enrollments).
    case thumbprint(String)
    /// The PEM text of the authority that signs client certificates (groups).
    case authority(pem: String)
}

/// How the provisioning service answers registrations of an enrollment.
public struct ProvisioningBehavior: Sendable, Hashable {
    /// What a registration comes to.
    public enum Outcome: Sendable, Hashable {
        /// A device is created on the hub and assigned.
        case assigned
        /// `failed` with a six-digit code.
        case failed(code: Int, message: String)
        /// `disabled`.
        case disabled
    }

    /// Number of answers with status 202, the one to the registration included; 0 answers at once.
    public var pendingReplies: Int
    /// Seconds in `retry-after`, nil leaves it out.
    public var retryAfter: Int?
    /// What comes after the 202 answers.
    public var outcome: Outcome
    /// Host name told to the device, `host` or `host:port`; nil for this hub.
    public var assignedHub: String?
    /// Free `payload` member of the result.
    public var payload: JSON?

    /// Makes a behaviour; by default one 202 with a retry-after of one second, then assigned to this hub.
    public init(
        pendingReplies: Int = 1, retryAfter: Int? = 1, outcome: Outcome = .assigned,
        assignedHub: String? = nil,
        payload: JSON? = nil
    ) {
        self.pendingReplies = pendingReplies
        self.retryAfter = retryAfter
        self.outcome = outcome
        self.assignedHub = assignedHub
        self.payload = payload
    }
}

/// Permission for one registration id.
public struct Enrollment: Sendable, Hashable {
    /// The registration id, compared without regard to case.
    public var registrationId: String
    /// How it proves who it is.
    public var attestation: Attestation
    /// The device id to assign; nil for the registration id.
    public var deviceId: String?
    /// False answers `disabled`.
    public var isEnabled: Bool
    /// Desired properties of the device when it is created.
    public var initialDesired: JSON?
    /// How registrations are answered.
    public var behavior: ProvisioningBehavior

    /// Makes an individual enrollment.
    public init(
        registrationId: String, attestation: Attestation, deviceId: String? = nil, isEnabled: Bool = true,
        initialDesired: JSON? = nil, behavior: ProvisioningBehavior = ProvisioningBehavior()
    ) {
        self.registrationId = registrationId
        self.attestation = attestation
        self.deviceId = deviceId
        self.isEnabled = isEnabled
        self.initialDesired = initialDesired
        self.behavior = behavior
    }
}

/// Permission for every registration id that a group key or an authority vouches for.
public struct EnrollmentGroup: Sendable, Hashable {
    /// The group's own name.
    public var id: String
    /// Group keys, or an authority.
    public var attestation: Attestation
    /// False answers `disabled`.
    public var isEnabled: Bool
    /// Desired properties of a device when it is created.
    public var initialDesired: JSON?
    /// How registrations are answered.
    public var behavior: ProvisioningBehavior

    /// Makes a group.
    public init(
        id: String, attestation: Attestation, isEnabled: Bool = true, initialDesired: JSON? = nil,
        behavior: ProvisioningBehavior = ProvisioningBehavior()
    ) {
        self.id = id
        self.attestation = attestation
        self.isEnabled = isEnabled
        self.initialDesired = initialDesired
        self.behavior = behavior
    }
}
