// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ArgumentParser
import Foundation
import LocalHub

/// How a command finds the running hub.
struct HubOptions: ParsableArguments {
    @Option(
        name: .customLong("state-dir"),
        help: ArgumentHelp(
            "Directory the hub was started with.", valueName: "directory"))
    var stateDirectory = StateDirectory.standard.path

    @Option(
        name: .customLong("connection-string"),
        help: ArgumentHelp(
            "Service connection string of the hub; by default the one in the state directory.",
            valueName: "text"))
    var connectionString: String?

    @Option(
        name: .customLong("ca-file"),
        help: ArgumentHelp(
            "CA certificate of the hub (PEM); by default the one in the state directory.", valueName: "file"))
    var caFile: String?

    /// A client for the hub that these options name.
    func client() throws -> HubClient {
        let directory = StateDirectory(path: stateDirectory)
        guard let text = try connectionString ?? directory.readNotice()?.serviceConnectionString else {
            throw CommandError(
                "No hub was started with the state directory \(stateDirectory). Start one with: local-hub serve"
            )
        }
        guard let connection = ServiceConnectionString(text) else {
            throw CommandError(
                "The service connection string must be "
                    + "HostName=…;SharedAccessKeyName=…;SharedAccessKey=… with a base64 key.")
        }
        return try HubClient(connection: connection, caFile: caFile ?? directory.caFile.path)
    }
}

/// Options of a command that is about one device.
struct DeviceOptions: ParsableArguments {
    @OptionGroup(title: "Finding the hub")
    var hub: HubOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The device; by default the only connected one.", valueName: "id"))
    var device: String?

    /// The device that is meant: the one named, the only connected one, or the only one there is.
    func deviceId(_ client: HubClient) async throws -> String {
        if let device { return device }
        let devices = try await client.document("GET", "/devices").array ?? []
        let connected = devices.filter { $0["connectionState"] == "Connected" }
        for candidates in [connected, devices] where candidates.count == 1 {
            if let id = candidates[0]["deviceId"]?.string { return id }
        }
        let names = (connected.isEmpty ? devices : connected).compactMap { $0["deviceId"]?.string }
        throw CommandError(
            names.isEmpty
                ? "No device is registered. Create one with: local-hub devices create <id>"
                : "Several devices are there. Name one with --device: \(names.joined(separator: ", "))")
    }
}
