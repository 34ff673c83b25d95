// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Secrets

/// The hub that DPS assigned, as it outlives the program; holds no key.
package struct CachedAssignment: Sendable, Hashable {
    /// The hub's host name, with `:port` where it has its own.
    package var hub: String
    /// The device id at that hub.
    package var deviceID: String
    /// Whom it was assigned to: ``ProvisioningSettings/fingerprint()``.
    package var fingerprint: String

    /// Makes an assignment.
    package init(hub: String, deviceID: String, fingerprint: String) {
        self.hub = hub
        self.deviceID = deviceID
        self.fingerprint = fingerprint
    }
}

/// Keeps the assignment over restarts; a failure to keep it costs a registration and nothing else.
///
/// Called by one client, one call after the other.
package protocol AssignmentCache: Sendable {
    /// What was saved last, or `nil`.
    func load() async -> CachedAssignment?
    /// Replaces what was saved.
    func save(_ assignment: CachedAssignment) async
    /// Removes what was saved.
    func forget() async
}

extension ProvisioningSettings {
    /// A text that changes with the provisioning service, the id scope, the registration id and the credential, and
    /// tells none of them.
    ///
    /// It is an HMAC under the device's own key. Throws where the key is no base64. A certificate counts by its file, so
    /// that one that was renewed keeps the assignment.
    package func fingerprint() throws(IdentityError) -> String {
        let subject = "\(endpoint)\n\(idScope)\n\(registrationID)"
        guard let key = try deviceKey() else {
            var file = ""
            if case .certificate(let certificate) = credential { file = certificate.certificateFile }
            return try SharedAccessSignature.fingerprint(of: "\(subject)\n\(file)", key: Secret("AA=="))
        }
        return try SharedAccessSignature.fingerprint(of: subject, key: key)
    }
}
