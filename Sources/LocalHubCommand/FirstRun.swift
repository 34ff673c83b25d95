// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import LocalHub

/// What `serve` sets up in an empty hub, and the lines that point devices and back ends at it.
struct FirstRun {
    /// The device with a connection string.
    static let deviceId = "sensor-01"
    /// The registration id of the individual enrollment.
    static let registrationId = "sensor-02"
    /// The enrollment group.
    static let groupId = "sensors"
    /// The service policy.
    static let policy = "iothubowner"

    let keys: HubKeys
    let idScope: String
    /// Host for devices, with its port unless that is 8883.
    let deviceHost: String
    let service: ServiceConnectionString
    let caFile: String

    /// Registers the device, the enrollment and the group.
    static func populate(_ hub: Hub, keys: HubKeys) async throws(HubFailure) {
        try await hub.putDevice(
            deviceId,
            DeviceSpecification(authentication: .sas(primaryKey: keys.device, secondaryKey: keys.device)))
        try await hub.putEnrollment(
            Enrollment(
                registrationId: registrationId,
                attestation: .symmetricKey(primary: keys.enrollment, secondary: keys.enrollment)))
        try await hub.putEnrollmentGroup(
            EnrollmentGroup(
                id: groupId, attestation: .symmetricKey(primary: keys.group, secondary: keys.group)))
    }

    /// The connection string of the device.
    var deviceConnectionString: String {
        "HostName=\(deviceHost);DeviceId=\(Self.deviceId);SharedAccessKey=\(keys.device)"
    }

    /// Lines for a shell: a device that is provisioned.
    var provisioningLines: [String] {
        [
            "export IOTHUB_DEVICE_SECURITY_TYPE=DPS",
            "export IOTHUB_DEVICE_DPS_ENDPOINT='\(deviceHost)'",
            "export IOTHUB_DEVICE_DPS_ID_SCOPE='\(idScope)'",
            "export IOTHUB_DEVICE_DPS_DEVICE_ID='\(Self.registrationId)'",
            "export IOTHUB_DEVICE_DPS_DEVICE_KEY='\(keys.enrollment)'",
            certificateLine,
        ]
    }

    /// Lines for a shell: a device with a connection string.
    var connectionStringLines: [String] {
        [
            "export IOTHUB_DEVICE_SECURITY_TYPE=connectionString",
            "export IOTHUB_DEVICE_CONNECTION_STRING='\(deviceConnectionString)'",
            certificateLine,
        ]
    }

    /// Lines for a shell: a back end made of Microsoft's service SDK.
    var serviceLines: [String] {
        [
            "export IOTHUB_CONNECTION_STRING='\(service.text)'",
            "export REQUESTS_CA_BUNDLE=\(quotedCAFile)",
        ]
    }

    /// Everything in one file for `. FILE`; the device is provisioned unless the reader changes the security type.
    var shellFile: String {
        let lines =
            connectionStringLines.dropFirst().prefix(1) + provisioningLines + serviceLines.prefix(1)
        return lines.joined(separator: "\n") + "\n"
    }

    /// What a person sees when the hub is ready.
    var announcement: String {
        """
        local-hub is ready: MQTT over TLS at \(deviceHost), REST API at https://\(service.authority)
        CA certificate: \(caFile)

        # A device that is provisioned (DPS):
        \(provisioningLines.joined(separator: "\n"))

        # Or a device with a connection string:
        \(connectionStringLines.joined(separator: "\n"))

        # More devices through the enrollment group "\(Self.groupId)", whose key is
        #   \(keys.group)
        # or with: local-hub devices create <id>

        # A back end:
        \(serviceLines.joined(separator: "\n"))

        In another terminal: local-hub watch. Ctrl-C ends the hub.
        """
    }

    private var certificateLine: String { "export SSL_CERT_FILE=\(quotedCAFile)" }

    /// The path as one word of a shell, whatever is in it.
    private var quotedCAFile: String {
        "'" + caFile.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
}
