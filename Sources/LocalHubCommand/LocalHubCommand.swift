// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ArgumentParser

/// The root of the command line.
@main
struct LocalHubCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "local-hub",
        abstract: "A stand-in for Azure IoT Hub and its provisioning service, on your own machine.",
        discussion: """
            Start it in one terminal:

              local-hub serve

            It prints the lines that point a device at it. In another terminal, look and act:

              local-hub watch
              local-hub twin
              local-hub desired thermostat1.targetTemperature=21.5
              local-hub call 'thermostat1*getMaxMinReport' '"2024-05-06T07:08:09Z"'

            Where a command needs a device and none is named, the only connected one is meant.
            """,
        subcommands: [
            ServeCommand.self, WatchCommand.self, TelemetryCommand.self, DevicesCommand.self,
            TwinCommand.self,
            DesiredCommand.self, CallCommand.self, SendCommand.self, ConnectionsCommand.self,
            ViolationsCommand.self, FaultsCommand.self,
        ]
    )
}
