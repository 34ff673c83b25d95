// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Where files are, by systemd's variables, else by XDG's; pure functions of the environment.
///
/// A variable of systemd may hold several folders joined by `:`; a relative folder in an XDG variable counts as
/// unset, as the XDG base directory specification says.
package enum StandardDirectories {
    private static let folder = "sensor-agent"

    /// The files to try for `agent.toml`, best first.
    ///
    /// With `CONFIGURATION_DIRECTORY` only its folders count: a service does not read anybody's home.
    package static func configurationFiles(environment: [String: String]) -> [String] {
        let given = systemd("CONFIGURATION_DIRECTORY", environment)
        guard given.isEmpty else { return given.map { join($0, "agent.toml") } }
        let user = xdg("XDG_CONFIG_HOME", home: ".config", environment)
        return ([user].compactMap(\.self) + ["/etc/\(folder)"]).map { join($0, "agent.toml") }
    }

    /// The folder for durable state: `STATE_DIRECTORY`, XDG's, or `/var/lib/sensor-agent` without a home.
    package static func state(environment: [String: String]) -> String {
        systemd("STATE_DIRECTORY", environment).first
            ?? xdg("XDG_STATE_HOME", home: ".local/state", environment) ?? "/var/lib/\(folder)"
    }

    /// The folder for sockets: `RUNTIME_DIRECTORY`, XDG's, or `/run/sensor-agent`.
    package static func runtime(environment: [String: String]) -> String {
        systemd("RUNTIME_DIRECTORY", environment).first
            ?? xdg("XDG_RUNTIME_DIR", home: nil, environment) ?? "/run/\(folder)"
    }

    /// The folders where the socket of a running agent may be, best first.
    ///
    /// The agent may be the user's own, or the machine's service, which knows nothing of the user's folders.
    package static func runtimeCandidates(environment: [String: String]) -> [String] {
        let own = runtime(environment: environment)
        let isGiven = !systemd("RUNTIME_DIRECTORY", environment).isEmpty
        return isGiven || own == "/run/\(folder)" ? [own] : [own, "/run/\(folder)"]
    }

    /// The folder in which the service manager hands secrets over; `nil` where it hands over none.
    package static func credentials(environment: [String: String]) -> String? {
        guard let folder = environment["CREDENTIALS_DIRECTORY"], folder.hasPrefix("/"), folder != "/" else {
            return nil
        }
        return folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    }

    private static func systemd(_ name: String, _ environment: [String: String]) -> [String] {
        (environment[name] ?? "").split(separator: ":").map(String.init)
    }

    private static func xdg(_ name: String, home: String?, _ environment: [String: String]) -> String? {
        if let value = environment[name], value.hasPrefix("/") { return join(value, folder) }
        guard let home, let user = environment["HOME"], user.hasPrefix("/") else { return nil }
        return join(join(user, home), folder)
    }

    private static func join(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }
}
