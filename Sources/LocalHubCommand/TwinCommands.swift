// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ArgumentParser
import LocalHub

/// `local-hub twin`.
struct TwinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "twin",
        abstract: "Print the twin of a device.",
        discussion: "Prints desired and reported properties and tags; --metadata adds times and versions."
    )

    @OptionGroup var options: DeviceOptions

    @Flag(help: "Print the whole document of the service API.")
    var metadata = false

    func run() async throws {
        let client = try options.hub.client()
        let id = try await options.deviceId(client)
        let twin = try await client.document("GET", HubClient.path("twins", id))
        print((metadata ? twin : Self.brief(twin)).prettyText)
    }

    private static func brief(_ twin: JSON) -> JSON {
        func section(_ name: String) -> JSON {
            var members = twin["properties"]?[name]?.object ?? [:]
            members["$metadata"] = nil
            return .object(members)
        }
        return [
            "deviceId": twin["deviceId"] ?? .null,
            "connectionState": twin["connectionState"] ?? .null,
            "modelId": twin["modelId"] ?? .null,
            "tags": twin["tags"] ?? .null,
            "desired": section("desired"),
            "reported": section("reported"),
        ]
    }
}

/// `local-hub desired`.
struct DesiredCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "desired",
        abstract: "Change desired properties of a device.",
        discussion: """
            A value is JSON; anything else is taken as a text, and null deletes the property. All assignments \
            reach the device as one change. Prints the new desired properties.

              local-hub desired thermostat1.targetTemperature=21.5
              local-hub desired thermostat1.targetTemperature=null thermostat2.targetTemperature=19
            """
    )

    @OptionGroup var options: DeviceOptions

    @Argument(help: ArgumentHelp("What to set.", valueName: "component.property=value"))
    var assignments: [String]

    func run() async throws {
        let parsed = try assignments.map { text in
            guard let assignment = DesiredAssignment(text) else {
                throw CommandError(
                    "\"\(text)\" is not of the form component.property=value, as in "
                        + "thermostat1.targetTemperature=21.5")
            }
            return assignment
        }
        let client = try options.hub.client()
        let id = try await options.deviceId(client)
        let twin = try await client.document(
            "PATCH", HubClient.path("twins", id),
            body: ["properties": ["desired": DesiredAssignment.patch(parsed)]])
        var desired = twin["properties"]?["desired"]?.object ?? [:]
        desired["$metadata"] = nil
        print(JSON.object(desired).prettyText)
    }
}

/// `local-hub call`.
struct CallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Call a command (direct method) of a device and print its answer.",
        discussion: """
            A command of a component is named component*command; quote it, since shells know the asterisk too. \
            The payload is JSON, so a text needs its own quotes. Ends with status 1 when the device answers with a \
            status of 400 or more.

              local-hub call reboot 5
              local-hub call 'thermostat1*getMaxMinReport' '"2024-05-06T07:08:09Z"'
            """
    )

    @OptionGroup var options: DeviceOptions

    @Option(help: ArgumentHelp("Wait so long for the answer (5 to 300).", valueName: "seconds"))
    var timeout = 30

    @Option(
        name: .customLong("connect-timeout"),
        help: ArgumentHelp("Wait so long for the device to connect (0 to 300).", valueName: "seconds"))
    var connectTimeout = 0

    @Argument(help: "The command, as command or component*command.")
    var name: String

    @Argument(help: "The payload as JSON; none by default.")
    var payload: String?

    func run() async throws {
        var body: [String: JSON] = [
            "methodName": .string(name), "responseTimeoutInSeconds": .integer(timeout),
            "connectTimeoutInSeconds": .integer(connectTimeout),
        ]
        if let payload {
            do {
                body["payload"] = try JSON(parsing: payload)
            } catch {
                throw CommandError(
                    "The payload is \(error). A text needs its own quotes: '\"2024-05-06T07:08:09Z\"'")
            }
        }
        let client = try options.hub.client()
        let id = try await options.deviceId(client)
        let answer: JSON
        do throws(HubClientError) {
            answer = try await client.document(
                "POST", HubClient.path("twins", id, "methods"), body: .object(body))
        } catch {
            throw explained(error, id)
        }
        let status = answer["status"]?.integer ?? 0
        print("status \(status)")
        print((answer["payload"] ?? .null).prettyText)
        if status >= 400 { throw ExitCode(1) }
    }
    /// The hub's refusal in terms of this command, or the error itself.
    private func explained(_ error: HubClientError, _ id: String) -> any Error {
        switch error {
        case .refused(status: 404, let message):
            CommandError(
                "\(id) takes no commands now: \(message) See: local-hub connections --open")
        case .refused(status: 504, let message):
            CommandError(
                "\(id) did not answer within \(timeout) s: \(message) Check the name or --timeout.")
        default:
            error
        }
    }
}
