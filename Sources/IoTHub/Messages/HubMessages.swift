// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import StrictJSON

/// A direct method call, which is how Plug and Play commands arrive.
package struct CommandRequest: Sendable, Hashable {
    /// The request id, to be echoed exactly.
    package var requestID: String
    /// The method's full name, decoded: `thermostat1*getMaxMinReport`.
    package var methodName: String
    /// The payload as it arrived; may be empty or no JSON at all.
    package var payload: [UInt8]

    /// Makes a request.
    package init(requestID: String, methodName: String, payload: [UInt8]) {
        self.requestID = requestID
        self.methodName = methodName
        self.payload = payload
    }

    /// The method's name for people: at most 128 characters, all of them printable ASCII.
    package var shownName: String { IdentityRules.printable(methodName) }

    /// The component: what stands before the first `*`, unless that is the first character; `nil` for the root.
    package var component: String? { parts?.component }

    /// The command's name inside its component.
    package var name: String { parts?.name ?? methodName }

    /// The argument: `nil` where the service gave none, which arrives as nothing, `null` or `""`.
    package func argument() throws(JSONError) -> JSONValue? {
        guard !payload.isEmpty else { return nil }
        let value = try JSONValue(parsing: payload)
        return value == .null || value == .string("") ? nil : value
    }

    private var parts: (component: String, name: String)? {
        guard let star = methodName.firstIndex(of: "*"), star > methodName.startIndex else { return nil }
        return (String(methodName[..<star]), String(methodName[methodName.index(after: star)...]))
    }
}

/// The answer to a twin read.
package struct TwinDocument: Sendable, Hashable {
    /// The desired section without `$version`.
    package var desired: [String: JSONValue]
    /// The version of the desired section.
    package var desiredVersion: Int64
    /// The reported section without `$version`.
    package var reported: [String: JSONValue]
    /// The version of the reported section.
    package var reportedVersion: Int64

    /// Makes a document from its parts.
    package init(
        desired: [String: JSONValue], desiredVersion: Int64, reported: [String: JSONValue],
        reportedVersion: Int64
    ) {
        self.desired = desired
        self.desiredVersion = desiredVersion
        self.reported = reported
        self.reportedVersion = reportedVersion
    }
}

/// A change of the desired section; `null` deletes.
package struct DesiredPatch: Sendable, Hashable {
    /// The version of the desired section with this change applied.
    package var version: Int64
    /// The change without `$version`.
    package var changes: [String: JSONValue]

    /// Makes a patch.
    package init(version: Int64, changes: [String: JSONValue]) {
        self.version = version
        self.changes = changes
    }
}

/// A message from the cloud to this device.
///
/// libmosquitto acknowledges it (PUBACK) just before it is handed over, which takes it out of the hub's queue.
package struct CloudMessage: Sendable, Hashable, CustomStringConvertible {
    /// Properties by decoded name; a name without `=` has no value.
    package var properties: [String: String?]
    /// The body as it arrived.
    package var body: [UInt8]

    /// Makes a message.
    package init(properties: [String: String?], body: [UInt8]) {
        self.properties = properties
        self.body = body
    }

    /// `$.mid`: the message id that the sender chose.
    package var messageID: String? { properties["$.mid"] ?? nil }

    /// For the log: id, length and the names of the sender's own properties, never their values or the body.
    package var description: String {
        let names = properties.keys.filter { !$0.hasPrefix("$") }.sorted().map(IdentityRules.printable)
        let list = names.isEmpty ? "" : " with the properties \(names.joined(separator: ", "))"
        let id = messageID.map { " \(IdentityRules.printable($0))" } ?? ""
        return
            "A cloud-to-device message\(id) of \(body.count) bytes\(list) came; the model defines no use for it."
    }
}
