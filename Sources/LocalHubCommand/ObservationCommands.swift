// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ArgumentParser
import LocalHub

/// `local-hub connections`.
struct ConnectionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connections",
        abstract: "List MQTT connections, or cut one.",
        discussion: """
            Ended ones come with the reason. --drop cuts the connection of a device without a word, --freeze leaves \
            it open and dead.
            """
    )

    @OptionGroup(title: "Finding the hub") var hub: HubOptions

    @Flag(help: "Only those that are open.")
    var open = false

    @Flag(help: "Print everything that is known, as JSON.")
    var json = false

    @Option(help: ArgumentHelp("Cut the connection of this device.", valueName: "id"))
    var drop: String?

    @Option(help: ArgumentHelp("Freeze the connection of this device.", valueName: "id"))
    var freeze: String?

    func run() async throws {
        let client = try hub.client()
        for (id, action) in [(drop, "drop"), (freeze, "freeze")] {
            guard let id else { continue }
            _ = try await client.document("POST", HubClient.path("local-hub", "devices", id, action))
            print("done: \(action) \(id)")
        }
        if drop != nil || freeze != nil { return }
        let document = try await client.document("GET", "/local-hub/connections")
        let all = document["connections"]?.array ?? []
        let shown = all.filter { !open || $0["isOpen"] == true }
        if json {
            print(JSON.array(shown).prettyText)
            return
        }
        for connection in shown {
            let end = connection["closedAt"]?.string.map { "ended \($0)" } ?? "open"
            let columns = ["openedAt", "service", "deviceId", "tlsVersion"].map {
                connection[$0]?.string ?? "-"
            }
            print((columns + [end, connection["closeReason"]?.string ?? ""]).joined(separator: "  "))
        }
    }
}

/// `local-hub violations`.
struct ViolationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "violations",
        abstract: "List what devices did against the protocol.",
        discussion: "Ends with status 1 when there is any, so that a script can check."
    )

    @OptionGroup(title: "Finding the hub") var hub: HubOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let violations =
            try await hub.client().document("GET", "/local-hub/violations")["violations"]?.array ?? []
        if json {
            print(JSON.array(violations).prettyText)
        } else if violations.isEmpty {
            print("none")
        } else {
            for violation in violations {
                let columns = ["at", "deviceId", "kind", "detail"].map { violation[$0]?.string ?? "-" }
                print(columns.joined(separator: "  "))
            }
        }
        if !violations.isEmpty { throw ExitCode(1) }
    }
}
