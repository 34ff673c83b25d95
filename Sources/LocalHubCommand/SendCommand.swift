// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ArgumentParser
import LocalHub

/// `local-hub c2d`.
struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "c2d",
        abstract: "Send a cloud-to-device message.",
        discussion: """
            It waits for the device if that is away; at most 50 messages wait.

              local-hub c2d 'hello' --property urgency=high
            """
    )

    @OptionGroup var options: DeviceOptions

    @Option(
        name: .shortAndLong, parsing: .singleValue,
        help: ArgumentHelp("An application property; may be repeated.", valueName: "name=value"))
    var property: [String] = []

    @Option(name: .customLong("content-type"), help: "For example application/json.")
    var contentType: String?

    @Argument(help: "The text to send.")
    var body: String

    func run() async throws {
        var properties: [String: JSON] = [:]
        for text in property {
            let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, !sides[0].isEmpty else {
                throw CommandError("\"\(text)\" is not of the form name=value")
            }
            properties[String(sides[0])] = .string(String(sides[1]))
        }
        var message: [String: JSON] = ["body": .string(body), "properties": .object(properties)]
        message["contentType"] = contentType.map(JSON.string)
        let client = try options.hub.client()
        let id = try await options.deviceId(client)
        _ = try await client.document(
            "POST", HubClient.path("local-hub", "devices", id, "messages"), body: .object(message))
        print("queued for \(id)")
    }
}
