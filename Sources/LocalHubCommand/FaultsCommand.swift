// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ArgumentParser
import LocalHub

/// `local-hub faults`.
struct FaultsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "faults",
        abstract: "Make the hub misbehave, to see what a device does then.",
        subcommands: [List.self, Set.self, Clear.self],
        defaultSubcommand: List.self
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the faults in force (the default).")

        @OptionGroup(title: "Finding the hub") var hub: HubOptions

        func run() async throws {
            let faults = try await hub.client().document("GET", "/local-hub/faults")["faults"]?.array ?? []
            print(faults.isEmpty ? "none" : faults.map(\.text).joined(separator: "\n"))
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a fault in force.",
            discussion: """
                refuseConnect --code 1…5     CONNECT is answered with this code
                silentConnect                CONNECT is never answered
                dropAfterConnect             the connection is cut right after CONNACK
                dropOnTelemetry              the connection is cut when a message arrives, before its PUBACK
                holdPubacks                  PUBACKs are kept back until the fault is cleared
                delayPubacks --seconds S     PUBACKs come late
                dropPubacks [--one-in N]     one PUBACK in N (all) never comes
                halfOpen                     the connection stays open and dead from the next CONNACK on
                silentPing                   PINGREQ is not answered
                silentSubscribe              SUBSCRIBE is never answered
                sessionForgotten             CONNECT finds no stored session
                tokenCutShort --seconds S    a token ends this long after CONNECT
                wrongCertificate --problem authority|hostName|expired
                twinStatus --operation get|patch --status 400…599
                twinSilence --operation get|patch
                provisioningError --step register|poll --code 401002 [--retry-after S]
                provisioningSilence --step register|poll

                A connection that is open is cut by: local-hub connections --drop <id>
                """
        )

        @OptionGroup(title: "Finding the hub") var hub: HubOptions

        @Argument(help: "The kind of fault, one of those above.")
        var kind: String

        @Option(help: ArgumentHelp("Only for this device; by default for all.", valueName: "id"))
        var device: String?

        @Option(help: ArgumentHelp("How often it happens; by default until cleared.", valueName: "n"))
        var count: Int?

        @Option(help: "CONNACK code, or six-digit code of the provisioning service.")
        var code: Int?

        @Option(help: "Length of a delay or of a token's life.")
        var seconds: Double?

        @Option(name: .customLong("one-in"), help: "One message in so many.")
        var oneIn: Int?

        @Option(help: "HTTP-like status of a twin answer.")
        var status: Int?

        @Option(help: "get or patch.")
        var operation: String?

        @Option(help: "register or poll.")
        var step: String?

        @Option(help: "authority, hostName or expired.")
        var problem: String?

        @Option(
            name: .customLong("retry-after"),
            help: ArgumentHelp("What the error tells the device to wait.", valueName: "seconds"))
        var retryAfter: Int?

        func run() async throws {
            var body: [String: JSON] = ["kind": .string(kind)]
            body["deviceId"] = device.map(JSON.string)
            body["count"] = count.map(JSON.integer)
            body["code"] = code.map(JSON.integer)
            body["seconds"] = seconds.map(JSON.number)
            body["oneIn"] = oneIn.map(JSON.integer)
            body["status"] = status.map(JSON.integer)
            body["operation"] = operation.map(JSON.string)
            body["step"] = step.map(JSON.string)
            body["problem"] = problem.map(JSON.string)
            body["retryAfter"] = retryAfter.map(JSON.integer)
            let fault = try await hub.client().document("POST", "/local-hub/faults", body: .object(body))
            print("in force: \(fault.text)")
        }
    }

    struct Clear: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End all faults, or those of one device.")

        @OptionGroup(title: "Finding the hub") var hub: HubOptions

        @Option(help: ArgumentHelp("Only the faults of this device.", valueName: "id"))
        var device: String?

        func run() async throws {
            var query: [String: String] = [:]
            query["device"] = device
            _ = try await hub.client().document("DELETE", "/local-hub/faults", query: query)
            print("cleared")
        }
    }
}
