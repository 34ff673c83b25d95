// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

public import Foundation

/// Settings of a hub.
public struct HubConfiguration: Sendable {
    /// The id scope of the provisioning service.
    public var idScope = "0ne00000001"
    /// Host names this hub answers to in user names and tokens; a `:port` behind them is ignored.
    public var hostNames = ["localhost", "127.0.0.1", "::1", "10.0.2.2"]
    /// Host name (and port) that provisioning assigns.
    public var assignedHub = "localhost"
    /// Base64 keys of the service policies by name.
    public var servicePolicies: [String: String] = [:]
    /// How long after its expiry a token still holds its connection; the live service seems to allow minutes.
    public var tokenGrace: Duration = .zero
    /// After this long without PUBACK a cloud-to-device message is sent again.
    public var messageLock: Duration = .seconds(60)
    /// Telemetry, connections and violations kept; older ones are forgotten.
    public var logLimit = 100_000
    /// Bytes of bodies and texts kept in each of the three logs, whatever their number; older ones are forgotten.
    public var logByteLimit = 64 << 20
    /// How long a client may take for the TLS handshake, and after it for CONNECT.
    public var connectLimit: Duration = .seconds(30)
    /// The clock.
    public var now: @Sendable () -> Date = { Date() }

    /// Makes the default settings.
    public init() {}
}

/// All state of the stand-in: registry, twins, enrollments, connections, logs and faults, but no socket.
///
/// Every rule of the two services is applied here; transports hand in packets and carry out what comes back.
public actor Hub {
    /// Everything known of one device.
    struct DeviceState {
        var device: Device
        var twin: Twin
        var session = Session()
        var connection: Int?
        var hasConnectedOnce = false
    }

    /// The settings.
    public internal(set) var configuration: HubConfiguration

    var states: [String: DeviceState] = [:]
    var enrollmentsById: [String: Enrollment] = [:]
    var groupsById: [String: EnrollmentGroup] = [:]
    /// Registrations by their id in lower case.
    var registrationsById: [String: Registration] = [:]
    var live: [Int: LiveConnection] = [:]
    var pendingMethods: [String: PendingMethod] = [:]
    var issuedMethods = IssuedMethods()
    var registeredAuthorities: [String] = []
    var activeFaults: [Fault] = []
    var telemetryLog = BoundedLog<TelemetryRecord>()
    var arrivalCount = ArrivalCount()
    var violationLog = BoundedLog<Violation>()
    var connectionHistory = BoundedLog<ConnectionRecord>()
    var counter = 0
    var waiters: [Int: ConditionWaiter] = [:]
    nonisolated let telemetryFeed = Feed<TelemetryRecord>()
    nonisolated let violationFeed = Feed<Violation>()

    /// Makes an empty hub.
    public init(configuration: HubConfiguration = HubConfiguration()) {
        self.configuration = configuration
    }

    /// Changes settings of a running hub.
    public func configure(_ change: @Sendable (inout HubConfiguration) -> Void) {
        change(&configuration)
    }

    /// The next of one sequence of numbers for ids and etags.
    func nextNumber() -> Int {
        counter += 1
        return counter
    }
}
