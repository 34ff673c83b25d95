// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ArgumentParser

/// `sensor-agent relay`.
struct RelayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relay", abstract: "Switch relays off, whatever else happens.",
        subcommands: [RelayOffCommand.self])
}
