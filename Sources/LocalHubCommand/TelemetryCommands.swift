// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ArgumentParser
import Foundation
import LocalHub

/// `local-hub watch`.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Show telemetry as it arrives, until Ctrl-C.",
        discussion: "One line per message: time, device, component (or -) and body."
    )

    @OptionGroup(title: "Finding the hub") var hub: HubOptions
    @OptionGroup var format: TelemetryFormat

    @Flag(help: "Begin with the messages that the hub still has.")
    var all = false

    @Option(help: ArgumentHelp("End after this many messages.", valueName: "n"))
    var count: Int?

    @Option(name: .customLong("for"), help: ArgumentHelp("End after this time.", valueName: "seconds"))
    var duration: Double?

    func run() async throws {
        let client = try hub.client()
        let end = duration.map { ContinuousClock.now + .seconds($0) }
        var page = try await TelemetryPage.read(
            client, after: nil, device: format.device, limit: all ? nil : 0)
        var shown = 0
        while true {
            for record in page.records {
                print(format.line(record))
                shown += 1
                if shown == count { return }
            }
            // Somebody may read this through a pipe.
            fflush(nil)
            let left = end.map { ($0 - .now) / .seconds(1) } ?? 20
            if left <= 0 { return }
            page = try await TelemetryPage.read(
                client, after: page.last, device: format.device, wait: min(left, 20))
        }
    }
}

/// `local-hub telemetry`.
struct TelemetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "telemetry",
        abstract: "Print the telemetry that has arrived.",
        discussion: "As watch, but only what is there already, oldest first."
    )

    @OptionGroup(title: "Finding the hub") var hub: HubOptions
    @OptionGroup var format: TelemetryFormat

    @Option(help: ArgumentHelp("Begin behind the message of this number.", valueName: "sequence"))
    var after = 0

    func run() async throws {
        let client = try hub.client()
        var page = try await TelemetryPage.read(client, after: after, device: format.device)
        while !page.records.isEmpty {
            for record in page.records { print(format.line(record)) }
            page = try await TelemetryPage.read(client, after: page.last, device: format.device)
        }
    }
}

/// Which messages, and how they are written.
struct TelemetryFormat: ParsableArguments {
    @Option(name: .shortAndLong, help: ArgumentHelp("Only this device's messages.", valueName: "id"))
    var device: String?

    @Flag(help: "One JSON document per line, with all properties.")
    var json = false

    @Flag(name: .customLong("properties"), help: "Add the properties of each message to its line.")
    var showsProperties = false

    /// One message as one line.
    func line(_ record: JSON) -> String {
        if json { return record.text }
        let body = record["body"]?.text ?? record["bodyBase64"]?.string.map { "base64:\($0)" } ?? ""
        var parts = [
            record["receivedAt"]?.string.map(Self.localTime) ?? "-",
            record["deviceId"]?.string ?? "-",
            record["component"]?.string ?? "-",
            body,
        ]
        if showsProperties {
            let system = record["systemProperties"]?.object ?? [:]
            let all = system.merging(record["properties"]?.object ?? [:]) { $1 }
            parts.append(
                all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.string ?? "")" }
                    .joined(separator: " "))
        }
        return parts.joined(separator: "  ")
    }

    /// The time of day on this machine's clock.
    private static func localTime(_ text: String) -> String {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        guard let date = try? Date(text, strategy: style) else { return text }
        let local = Date.ISO8601FormatStyle(timeZone: .current)
        return date.formatted(local.time(includingFractionalSeconds: false))
    }
}

/// One answer of the control API's telemetry.
struct TelemetryPage {
    /// The messages, oldest first.
    let records: [JSON]
    /// Number of the newest message looked at; the next page comes after it.
    let last: Int

    /// Reads a page; with `wait` the hub answers only when there is a message, or after so many seconds.
    static func read(
        _ client: HubClient, after: Int?, device: String?, limit: Int? = nil, wait: Double? = nil
    ) async throws -> TelemetryPage {
        var query: [String: String] = [:]
        query["after"] = after.map(String.init)
        query["device"] = device
        query["limit"] = limit.map(String.init)
        query["wait"] = wait.map { String($0) }
        let document = try await client.document("GET", "/local-hub/telemetry", query: query)
        return TelemetryPage(
            records: document["records"]?.array ?? [], last: document["last"]?.integer ?? after ?? 0)
    }
}
