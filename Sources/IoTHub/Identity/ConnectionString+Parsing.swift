// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Secrets

extension ConnectionString {
    /// Reads a device's connection string strictly; white space around it and one trailing `;` are tolerated.
    ///
    /// `certificate` is what the device has for `x509=true`; a string with a key leaves it aside.
    package init(
        parsing secret: Secret, certificate: ClientCertificate? = nil
    ) throws(IdentityError) {
        let parts = try Self.parts(of: secret.reveal())
        guard parts["ModuleId"] == nil else {
            throw Self.invalid(
                "Unable to parse: it is for a module (ModuleId); copy the string of the device itself")
        }
        guard let hostText = parts["HostName"], !hostText.isEmpty else {
            throw Self.invalid(
                "Incomplete: HostName is missing; copy the whole string from the hub's device page")
        }
        guard let deviceID = parts["DeviceId"], !deviceID.isEmpty else {
            let hint =
                parts["SharedAccessKeyName"] == nil
                ? "copy the whole string from the hub's device page"
                : "this is the hub's own string (SharedAccessKeyName); copy the one of the device"
            throw Self.invalid("Incomplete: DeviceId missing; \(hint)")
        }
        proof = try Self.proof(parts, certificate)
        host = try HostAddress(parsing: hostText)
        self.deviceID = try IdentityRules.deviceID(deviceID)
        gateway = nil
        if let gatewayText = parts["GatewayHostName"], !gatewayText.isEmpty {
            gateway = try HostAddress(parsing: gatewayText)
        }
    }

    private static func proof(
        _ parts: [String: String], _ certificate: ClientCertificate?
    ) throws(IdentityError) -> DeviceProof {
        // Any text counts, as in Microsoft's parsers; portals write "true".
        if parts["x509"].map({ !$0.isEmpty }) ?? false {
            guard parts["SharedAccessKey"] == nil else {
                throw invalid(
                    "Mixed authentication scheme: it has both SharedAccessKey and x509; keep one")
            }
            guard let certificate else {
                throw invalid(
                    "Incomplete: it says x509, and no certificate is configured; set hub.certificate-file and "
                        + "hub.certificate-key-file")
            }
            return .certificate(certificate)
        }
        guard let keyText = parts["SharedAccessKey"], !keyText.isEmpty else {
            throw invalid(
                "Incomplete: SharedAccessKey is missing; copy the whole string from the hub's device page")
        }
        let key = Secret(keyText)
        try IdentityRules.key(key, named: "SharedAccessKey", bytes: 1...512)
        return .key(key)
    }

    private static let names: Set<String> = [
        "HostName", "DeviceId", "SharedAccessKey", "SharedAccessKeyName", "SharedAccessSignature", "ModuleId",
        "GatewayHostName", "x509",
    ]

    private static func parts(of text: String) throws(IdentityError) -> [String: String] {
        var trimmed = text[...]
        while let first = trimmed.first, first.isWhitespace { trimmed.removeFirst() }
        while let last = trimmed.last, last.isWhitespace { trimmed.removeLast() }
        if trimmed.last == ";" { trimmed.removeLast() }
        guard !trimmed.isEmpty else {
            throw invalid("Incomplete: it is empty; copy it from the hub's device page")
        }
        var parts: [String: String] = [:]
        for segment in trimmed.split(separator: ";", omittingEmptySubsequences: false) {
            // What stands in a segment that cannot be read may be a piece of a key: it is never quoted.
            guard let equals = segment.firstIndex(of: "=") else {
                throw invalid("Unable to parse: a part has no '='; write Name=Value pairs joined by ';'")
            }
            let name = String(segment[..<equals])
            guard names.contains(name) else {
                throw invalid(
                    "Invalid Key: a name before '=' is not known; HostName, DeviceId, SharedAccessKey and "
                        + "GatewayHostName are, in exactly this spelling")
            }
            guard parts.updateValue(String(segment[segment.index(after: equals)...]), forKey: name) == nil
            else {
                throw invalid("Unable to parse: \(name) stands in it twice; remove one")
            }
        }
        return parts
    }

    private static func invalid(_ reason: String) -> IdentityError {
        IdentityError("Invalid Connection String - \(reason).")
    }
}

extension ConnectionString: CustomStringConvertible, CustomDebugStringConvertible {
    /// Without the key.
    package var description: String {
        let proof = proof.key == nil ? "x509=true" : "SharedAccessKey=<redacted>"
        return "HostName=\(host);DeviceId=\(deviceID);\(proof)"
    }
    /// Without the key.
    package var debugDescription: String { description }
}
