// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import Testing

@Suite struct StandardDirectoriesTests {
    @Test("A service looks in its configuration folders only, in their order")
    func serviceConfiguration() {
        let environment = [
            "CONFIGURATION_DIRECTORY": "/etc/sensor-agent:/run/extra", "HOME": "/root",
            "XDG_CONFIG_HOME": "/x",
        ]
        #expect(
            StandardDirectories.configurationFiles(environment: environment)
                == ["/etc/sensor-agent/agent.toml", "/run/extra/agent.toml"])
    }

    @Test(
        "A user's file comes before the machine's",
        arguments: [
            (["HOME": "/home/u"], "/home/u/.config/sensor-agent/agent.toml"),
            (["HOME": "/home/u", "XDG_CONFIG_HOME": "/x/"], "/x/sensor-agent/agent.toml"),
            (["HOME": "/home/u", "XDG_CONFIG_HOME": "x"], "/home/u/.config/sensor-agent/agent.toml"),
            (["HOME": "/home/u", "XDG_CONFIG_HOME": ""], "/home/u/.config/sensor-agent/agent.toml"),
        ])
    func userConfiguration(environment: [String: String], first: String) {
        #expect(
            StandardDirectories.configurationFiles(environment: environment)
                == [first, "/etc/sensor-agent/agent.toml"])
    }

    @Test("Without a home only the machine's file is left")
    func noHome() {
        #expect(
            StandardDirectories.configurationFiles(environment: [:]) == ["/etc/sensor-agent/agent.toml"])
        #expect(StandardDirectories.state(environment: [:]) == "/var/lib/sensor-agent")
        #expect(StandardDirectories.runtime(environment: ["HOME": "/home/u"]) == "/run/sensor-agent")
    }

    @Test("State and runtime folders follow systemd's variables, else XDG's")
    func stateAndRuntime() {
        let service = [
            "STATE_DIRECTORY": "/var/lib/a:/var/lib/b", "RUNTIME_DIRECTORY": "/run/a", "HOME": "/r",
        ]
        #expect(StandardDirectories.state(environment: service) == "/var/lib/a")
        #expect(StandardDirectories.runtime(environment: service) == "/run/a")
        let user = ["HOME": "/home/u", "XDG_RUNTIME_DIR": "/run/user/7"]
        #expect(StandardDirectories.state(environment: user) == "/home/u/.local/state/sensor-agent")
        #expect(StandardDirectories.runtime(environment: user) == "/run/user/7/sensor-agent")
        #expect(
            StandardDirectories.state(environment: ["HOME": "/h", "XDG_STATE_HOME": "/s"])
                == "/s/sensor-agent")
    }

    @Test(
        "The socket of a running agent is looked for with the user's own agent and with the machine's service"
    )
    func runtimeCandidates() {
        for (environment, folders) in [
            (["RUNTIME_DIRECTORY": "/run/a:/run/b", "XDG_RUNTIME_DIR": "/run/user/7"], ["/run/a"]),
            (["XDG_RUNTIME_DIR": "/run/user/7"], ["/run/user/7/sensor-agent", "/run/sensor-agent"]),
            (["XDG_RUNTIME_DIR": "/run"], ["/run/sensor-agent"]), ([:], ["/run/sensor-agent"]),
        ] {
            #expect(StandardDirectories.runtimeCandidates(environment: environment) == folders)
        }
    }
}
