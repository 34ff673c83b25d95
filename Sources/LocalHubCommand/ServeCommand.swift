// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ArgumentParser
import Foundation
import LocalHub

/// `local-hub serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the hub until Ctrl-C or SIGTERM.",
        discussion: """
            Makes its own CA at the first start and keeps it, with the keys of what it sets up, in the state \
            directory, so that printed lines stay good. Devices, twins and telemetry are kept in memory only.

            The first line on standard output says that it is ready. A device on another machine, or in a virtual \
            one, needs --host 0.0.0.0 and --name with the name or address it dials; the address 10.0.2.2, under \
            which QEMU's guests reach this machine, is known already.
            """
    )

    @Option(help: ArgumentHelp("Address to listen on.", valueName: "address"))
    var host = "127.0.0.1"

    @Option(
        name: .customLong("mqtt-port"),
        help: ArgumentHelp("Port of MQTT over TLS; 0 takes a free one.", valueName: "port"))
    var mqttPort = 8883

    @Option(
        name: .customLong("rest-port"),
        help: ArgumentHelp("Port of the REST API; 0 takes a free one.", valueName: "port"))
    var restPort = 8443

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "A further name or address in the server certificate; may be repeated. Devices are told the first one.",
            valueName: "name"))
    var name: [String] = []

    @Option(
        name: .customLong("id-scope"),
        help: ArgumentHelp("Id scope of the provisioning service.", valueName: "text"))
    var idScope = "0ne00000001"

    @Option(
        name: .customLong("state-dir"),
        help: ArgumentHelp("Where the CA and the keys are kept.", valueName: "directory"))
    var stateDirectory = StateDirectory.standard.path

    @Option(
        name: .customLong("ready-file"),
        help: ArgumentHelp(
            "Write the lines for a shell to this file when ready, for: . FILE", valueName: "file"))
    var readyFile: String?

    func validate() throws {
        for (port, option) in [(mqttPort, "--mqtt-port"), (restPort, "--rest-port")]
        where !(0...65535).contains(port) {
            throw ValidationError("\(option) must be 0 to 65535.")
        }
    }

    func run() async throws {
        let signals = TerminationSignals()
        let directory = StateDirectory(path: stateDirectory)
        try FileManager.default.createDirectory(
            at: directory.url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try directory.claim()
        let keys = try HubKeys.inDirectory(directory.url)
        let server = try await start(keys, in: directory)
        defer { directory.removeNotice() }
        try await FirstRun.populate(server.hub, keys: keys)
        let firstRun = firstRun(server, keys)
        try directory.write(
            HubNotice(
                serviceConnectionString: firstRun.service.text, caFile: server.caFile.path,
                mqttPort: server.mqttPort, restPort: server.restPort,
                processId: ProcessInfo.processInfo.processIdentifier))
        if let readyFile { try StateDirectory.write(Data(firstRun.shellFile.utf8), to: readyFile) }
        print(firstRun.announcement)
        // A script may read this through a pipe.
        fflush(nil)
        await signals.wait()
        await server.stop()
        print("local-hub has ended")
    }
}

extension ServeCommand {
    private func start(_ keys: HubKeys, in directory: StateDirectory) async throws -> LocalHubServer {
        var configuration = LocalHubServerConfiguration()
        configuration.host = host
        configuration.mqttPort = mqttPort
        configuration.restPort = restPort
        configuration.name = name.first
        configuration.extraNames = Array(name.dropFirst())
        configuration.directory = directory.url
        configuration.hub.idScope = idScope
        configuration.hub.servicePolicies = [FirstRun.policy: keys.service]
        do {
            return try await LocalHubServer.start(configuration)
        } catch  where "\(error)".contains("Address already in use") {
            throw CommandError(
                "Port \(mqttPort) or \(restPort) of \(host) is in use. End the other program, or choose others with "
                    + "--mqtt-port and --rest-port (0 takes a free one).")
        }
    }

    private func firstRun(_ server: LocalHubServer, _ keys: HubKeys) -> FirstRun {
        // The name told to devices may be one that only they can reach.
        let isLocal = ["127.0.0.1", "0.0.0.0", "::1", "::"].contains(host)
        return FirstRun(
            keys: keys, idScope: idScope, deviceHost: server.hubConfiguration.assignedHub,
            service: ServiceConnectionString(
                host: isLocal ? "localhost" : host, port: server.restPort, keyName: FirstRun.policy,
                key: keys.service),
            caFile: server.caFile.path)
    }
}
