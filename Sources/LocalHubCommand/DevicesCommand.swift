// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ArgumentParser
import LocalHub

/// `local-hub devices`.
struct DevicesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices",
        abstract: "List, create and delete devices.",
        subcommands: [List.self, Create.self, Delete.self],
        defaultSubcommand: List.self
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List all devices (the default).")

        @OptionGroup(title: "Finding the hub") var hub: HubOptions

        func run() async throws {
            for device in try await hub.client().document("GET", "/devices").array ?? [] {
                let columns = ["deviceId", "connectionState", "status"].map { device[$0]?.string ?? "-" }
                print((columns + [device["authentication"]?["type"]?.string ?? "-"]).joined(separator: "  "))
            }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register a device and print its connection string.",
            discussion: "The device gets new keys, unless a certificate's thumbprint is given."
        )

        @OptionGroup(title: "Finding the hub") var hub: HubOptions

        @Option(
            help: ArgumentHelp("SHA-1 or SHA-256 of the device's certificate.", valueName: "hexadecimal"))
        var thumbprint: String?

        @Argument(help: "The new device's id.")
        var id: String

        func run() async throws {
            var body: [String: JSON] = ["deviceId": .string(id), "status": "enabled"]
            if let thumbprint {
                body["authentication"] = [
                    "type": "selfSigned", "x509Thumbprint": ["primaryThumbprint": .string(thumbprint)],
                ]
            }
            let client = try hub.client()
            let device = try await client.document("PUT", HubClient.path("devices", id), body: .object(body))
            let information = try await client.document("GET", "/local-hub/information")
            let host = information["deviceHost"]?.string ?? client.connection.host
            let key = device["authentication"]?["symmetricKey"]?["primaryKey"]?.string
            let proof = key.map { "SharedAccessKey=\($0)" } ?? "x509=true"
            print("HostName=\(host);DeviceId=\(id);\(proof)")
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a device with its twin; its connection ends.")

        @OptionGroup(title: "Finding the hub") var hub: HubOptions

        @Argument(help: "The device's id.")
        var id: String

        func run() async throws {
            _ = try await hub.client().document(
                "DELETE", HubClient.path("devices", id), headers: ["If-Match": "\"*\""])
            print("deleted \(id)")
        }
    }
}
