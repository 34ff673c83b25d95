// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import Secrets
import Testing

@Suite struct IdentityTests {
    private static let dps = ["IOTHUB_DEVICE_DPS_ID_SCOPE": "0ne1", "IOTHUB_DEVICE_DPS_DEVICE_ID": "d1"]
    private static let certificate = [
        "IOTHUB_DEVICE_X509_CERT": "/k/d.pem", "IOTHUB_DEVICE_X509_KEY": "/k/d.key",
    ]

    private func proof(_ configuration: AgentConfiguration) -> ProvisioningConfiguration.Key? {
        guard case .provisioning(let dps) = configuration.hub?.security else { return nil }
        return dps.key
    }

    @Test("The variables of a certificate make a registration without key") func variables() throws {
        let environment = Self.dps.merging(Self.certificate) { $1 }
        #expect(
            try proof(load(nil, environment: environment))
                == .certificate(CertificateConfiguration(certificateFile: "/k/d.pem", keyFile: "/k/d.key")))
        let encrypted = environment.merging(["IOTHUB_DEVICE_X509_PASS_PHRASE": "open sesame"]) { $1 }
        #expect(
            try proof(load(nil, environment: encrypted))
                == .certificate(
                    CertificateConfiguration(
                        certificateFile: "/k/d.pem", keyFile: "/k/d.key", passPhrase: Secret("open sesame"))))
    }

    @Test("In the file the paths are relative to it, and the pass phrase may be in a file of its own")
    func file() throws {
        let toml = """
            [hub]
            certificate-file = "d.pem"
            certificate-key-file = "d.key"
            certificate-pass-phrase-file = "phrase"
            [hub.dps]
            id-scope = "x"
            registration-id = "d"
            """
        let expected = CertificateConfiguration(
            certificateFile: "/c/d.pem", keyFile: "/c/d.key", passPhrase: Secret("open sesame"))
        let configuration = try load(toml, files: ["/c/phrase": "open sesame\n"])
        #expect(proof(configuration) == .certificate(expected))
        #expect(configuration.hub?.certificate == expected)
    }

    @Test("A certificate without its key, or the other way round, is an error; so is a key beside it")
    func incomplete() {
        let half = Self.dps.merging(["IOTHUB_DEVICE_X509_CERT": "/k/d.pem"]) { $1 }
        #expect(
            complaints(nil, environment: half) == [
                "environment variable IOTHUB_DEVICE_X509_CERT: hub.certificate-key-file: It is not set. Set "
                    + "certificate-key-file in [hub], or IOTHUB_DEVICE_X509_KEY or SENSOR_AGENT_HUB_CERTIFICATE_KEY_FILE."
            ])
        let both = Self.dps.merging(Self.certificate) { $1 }.merging(["IOTHUB_DEVICE_DPS_DEVICE_KEY": "AAAA"])
        {
            $1
        }
        #expect(
            complaints(nil, environment: both).first?.contains("hub.dps.device-key is set too") == true)
    }

    @Test("A key of a higher place wins over a certificate of the file, and the other way round")
    func precedence() throws {
        let toml = """
            hub.certificate-file = "d.pem"
            hub.certificate-key-file = "d.key"
            hub.dps.id-scope = "x"
            hub.dps.registration-id = "d"
            """
        let key = ["IOTHUB_DEVICE_DPS_DEVICE_KEY": "AAAA"]
        #expect(try proof(load(toml, environment: key)) == .device(Secret("AAAA")))
        let other = """
            hub.dps = { id-scope = "x", registration-id = "d", device-key = "AAAA" }
            """
        guard case .certificate = try proof(load(other, environment: Self.certificate)) else {
            Issue.record("no certificate")
            return
        }
    }

    @Test(
        "A proxy is a socks5h URL",
        arguments: [
            ("socks5h://proxy.example:1081", "proxy.example:1081"), ("socks5h://10.0.0.1", "10.0.0.1"),
            ("socks5h://[::1]:1080", "[::1]:1080"),
        ])
    func proxy(url: String, address: String) throws {
        let environment = Self.dps.merging(Self.certificate) { $1 }
        let configuration = try load("hub.proxy = \"\(url)\"", environment: environment)
        #expect(configuration.hub?.proxy?.address.description == address)
    }

    @Test(
        "What is no proxy is refused, and nothing before an @ is shown",
        arguments: [
            ("socks5://p:1080", "hence the h"), ("http://p:1080", "socks5h://proxy.example"),
            ("p:1080", "socks5h://proxy.example"), ("socks5h://", "socks5h://proxy.example"),
            ("socks5h://user:hunter2@p:1080", "hub.proxy-password-file"),
        ])
    func noProxy(url: String, words: String) {
        let lines = complaints("hub.proxy = \"\(url)\"")
        #expect(lines.count == 1)
        #expect(lines.first?.contains(words) == true, "\(lines)")
        #expect(lines.first?.contains("hunter2") == false)
    }

    @Test("A log-in at the proxy needs user and password")
    func proxyLogIn() throws {
        let environment = Self.dps.merging(Self.certificate) { $1 }
        let toml = "hub.proxy = \"socks5h://p\"\nhub.proxy-user = \"u\"\n"
        let configuration = try load(
            toml + "hub.proxy-password-file = \"pw\"", environment: environment, files: ["/c/pw": "hunter2\n"]
        )
        #expect(configuration.hub?.proxy?.user == "u")
        #expect(configuration.hub?.proxy?.password == Secret("hunter2"))
        #expect(
            complaints(toml, environment: environment).first?.contains("hub.proxy-password: It is not set.")
                == true)
        #expect(
            complaints("hub.proxy-user = \"u\"", environment: environment).first?.contains(
                "hub.proxy: It is not set.") == true)
    }
}

@Suite struct SecretFileTests {
    private func complaints(
        _ toml: String, _ files: [String: (text: String, mode: UInt32)], owner: UInt32 = 7, user: UInt32 = 7,
        environment: [String: String] = [:]
    ) -> [String] {
        var memory = MemoryFiles(contents: files.mapValues(\.text))
        memory.access = files.mapValues { FileAccess(mode: $0.mode, owner: owner, user: user) }
        memory.contents["/c/agent.toml"] = toml
        if memory.access["/c/agent.toml"] == nil {
            memory.access["/c/agent.toml"] = FileAccess(mode: 0o644, owner: user, user: user)
        }
        let sources = ConfigurationSources(
            configFile: "/c/agent.toml", environment: environment, drivers: testDrivers)
        return AgentConfiguration.examine(sources, files: memory).errors.map(\.description)
    }

    private let toml = "[hub.dps]\nid-scope = \"x\"\nregistration-id = \"d\"\ngroup-key-file = \"k\""

    @Test(
        "Modes that only the owner can use are taken, all others refused with what to type",
        arguments: [
            (0o400, true), (0o600, true), (0o700, true), (0o640, false), (0o604, false), (0o620, false),
            (0o601, false), (0o666, false), (0o4600, true),
        ])
    func modes(mode: UInt32, isTaken: Bool) {
        let lines = complaints(toml, ["/c/k": ("AAAA", mode)])
        guard !isTaken else {
            #expect(lines.isEmpty)
            return
        }
        let text = "0" + String(mode, radix: 8)
        #expect(
            lines == [
                "/c/agent.toml:4: hub.dps.group-key-file: /c/k is open to others than its owner (mode \(text)). "
                    + "Type: chmod go= /c/k"
            ])
    }

    @Test(
        "The owner has to be the user or root",
        arguments: [(7, 7, true), (0, 7, true), (8, 7, false), (8, 0, false)])
    func owners(owner: UInt32, user: UInt32, isTaken: Bool) {
        let lines = complaints(toml, ["/c/k": ("AAAA", 0o600)], owner: owner, user: user)
        #expect(lines.isEmpty == isTaken)
        #expect(isTaken || lines.first?.contains("Type: sudo chown \(user) /c/k") == true, "\(lines)")
    }

    @Test(
        "Root may give a file to a group to read, as packages do, and nobody else may",
        arguments: [
            // mode, owner, group, user
            (0o640, 0, 9, 7, nil), (0o640, 0, 9, 0, nil), (0o600, 0, 9, 0, nil),
            (0o640, 0, 0, 0, "chmod go= /k"), (0o640, 7, 9, 7, "chmod go= /k"),
            (0o644, 0, 9, 7, "sudo chmod 0640 /k"), (0o660, 0, 9, 7, "sudo chmod 0640 /k"),
            (0o644, 0, 0, 7, "sudo chown 7 /k && sudo chmod go= /k"),
        ])
    func groups(mode: UInt32, owner: UInt32, group: UInt32, user: UInt32, command: String?) {
        let access = FileAccess(mode: mode, owner: owner, group: group, user: user)
        let objection = SecretFileRule(environment: [:]).objection(to: "/k", access)
        #expect(objection?.advice == command.map { "Type: \($0)" })
    }

    @Test("What does without the hub does not stop at the hub's secrets, but at all else")
    func withoutHub() throws {
        func examine(_ toml: String) -> ConfigurationExamination {
            var memory = MemoryFiles(contents: ["/c/agent.toml": toml, "/c/k": "AAAA"])
            memory.access["/c/k"] = FileAccess(mode: 0o644, owner: 7, user: 7)
            let sources = ConfigurationSources(configFile: "/c/agent.toml", drivers: testDrivers)
            return AgentConfiguration.examine(sources, files: memory)
        }
        let open = examine(toml + "\n[outputs]\nenabled = true")
        #expect(open.errors.count == 1)
        #expect(try open.withoutHub().outputs.enabled)
        let wrong = examine(toml + "\n[outputs]\nenabled = 3")
        let errors = try #require(throws: ConfigurationErrors.self) { try wrong.withoutHub() }
        #expect(errors.errors.map(\.path) == ["outputs.enabled"])
    }

    @Test("A path that a shell would take apart is quoted in the command")
    func quoting() {
        let rule = SecretFileRule(environment: [:])
        let open = FileAccess(mode: 0o644, owner: 0, user: 0)
        #expect(rule.objection(to: "/a b/k", open)?.advice == "Type: chmod go= '/a b/k'")
        #expect(rule.objection(to: "/it's", open)?.advice == "Type: chmod go= '/it'\\''s'")
    }

    @Test("agent.toml has to be closed when a secret stands in it, and only then")
    func configurationFile() {
        let secret = "[hub.dps]\nid-scope = \"x\"\nregistration-id = \"d\"\ngroup-key = \"AAAA\""
        #expect(
            complaints(secret, [:]) == [
                "/c/agent.toml:4: hub.dps.group-key: /c/agent.toml is open to others than its owner (mode 0644). Type: "
                    + "chmod go= /c/agent.toml (or keep the secret in a file of its own: hub.dps.group-key-file)"
            ])
        #expect(complaints(secret, ["/c/agent.toml": ("", 0o600)]).isEmpty)
        #expect(complaints("log.level = \"info\"", [:]).isEmpty)
    }

    @Test("A secret in a flag is refused, with where to put it; the path of its file is none")
    func flags() throws {
        let toml = "[hub.dps]\nid-scope = \"x\"\nregistration-id = \"d\"\n"
        func flag(_ path: KeyPathText, _ value: String) -> [ConfigurationSources.Override] {
            [.init(path: path, value: value, flag: "--set")]
        }
        let error = #expect(throws: ConfigurationErrors.self) {
            try load(toml, overrides: flag("hub.dps.device-key", "c2VjcmV0"))
        }
        #expect(
            error?.errors.map(\.description) == [
                "--set: hub.dps.device-key: What stands in a flag can be read by every user of this machine, as `ps` "
                    + "shows it. Set hub.dps.device-key-file, or the variable SENSOR_AGENT_HUB_DPS_DEVICE_KEY."
            ])
        let string = flag("hub.connection-string", "HostName=h;DeviceId=d;SharedAccessKey=AAAA")
        #expect(throws: ConfigurationErrors.self) { try load(nil, overrides: string) }
        _ = try load(toml, overrides: flag("hub.dps.device-key-file", "/k"), files: ["/k": "AAAA"])
    }

    @Test("What systemd hands over is taken by the names of the keys, whatever its mode looks like")
    func credentials() throws {
        let directory = "/run/credentials/sensor-agent.service"
        let environment = ["CREDENTIALS_DIRECTORY": directory]
        let toml = "[hub.dps]\nid-scope = \"x\"\nregistration-id = \"d\"\n"
        #expect(
            complaints(
                toml, ["\(directory)/hub.dps.device-key": ("AAAA\n", 0o440)], owner: 0,
                environment: environment
            ).isEmpty)
        // A file that another key names there is as good.
        #expect(
            complaints(
                toml + "device-key-file = \"\(directory)/other\"", ["\(directory)/other": ("AAAA", 0o440)],
                owner: 0, environment: environment
            ).isEmpty)
        // Only the folder itself is systemd's.
        let beside = complaints(
            toml + "device-key-file = \"\(directory)/../k\"", ["\(directory)/../k": ("AAAA", 0o440)],
            owner: 0,
            environment: environment)
        #expect(beside.first?.contains("chmod go=") == true)
    }

    @Test("A credential wins over the file and loses against a variable; a certificate's is used by its path")
    func credentialPrecedence() throws {
        let directory = "/run/credentials/a"
        let environment = ["CREDENTIALS_DIRECTORY": directory]
        let toml = "[hub.dps]\nid-scope = \"x\"\nregistration-id = \"d\"\ngroup-key = \"BBBB\""
        let files = ["\(directory)/hub.dps.device-key": "AAAA"]
        func key(_ configuration: AgentConfiguration) -> ProvisioningConfiguration.Key? {
            guard case .provisioning(let dps) = configuration.hub?.security else { return nil }
            return dps.key
        }
        #expect(try key(load(toml, environment: environment, files: files)) == .device(Secret("AAAA")))
        let variable = environment.merging(["IOTHUB_DEVICE_DPS_DEVICE_KEY": "CCCC"]) { $1 }
        #expect(try key(load(toml, environment: variable, files: files)) == .device(Secret("CCCC")))
        let pair = ["\(directory)/hub.certificate-file": "c", "\(directory)/hub.certificate-key-file": "k"]
        #expect(
            try key(load(toml, environment: environment, files: pair))
                == .certificate(
                    CertificateConfiguration(
                        certificateFile: "\(directory)/hub.certificate-file",
                        keyFile: "\(directory)/hub.certificate-key-file")))
    }

    @Test("A credential that cannot be read or is wrong is said, and never shown") func badCredential() {
        let file = "/run/credentials/a/hub.dps.device-key"
        let environment = ["CREDENTIALS_DIRECTORY": "/run/credentials/a"]
        let lines = complaints("", [file: ("c2VjcmV0!", 0o400)], environment: environment)
        #expect(
            lines.first?.hasPrefix("\(file): hub.dps.device-key: It is not valid base64.") == true, "\(lines)"
        )
        #expect(!lines.joined().contains("c2VjcmV0"))
    }
}
