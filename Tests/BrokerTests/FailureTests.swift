// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import Testing

@testable import MosquittoTransport

@Suite("What a failed connect says", .enabled(if: Programs.areUsable, Programs.reason))
struct FailureTests {
    private let transport = MosquittoTransport()

    private func connect(_ credentials: HubCredentials) async throws(TransportError) {
        _ = try await transport.connect(credentials)
    }

    @Test("A server of an unknown authority", .timeLimit(.minutes(10)))
    func wrongAuthority() async throws {
        let broker = try Broker()
        let credentials = broker.credentials(trust: broker.certificates.otherAuthority)
        let message = await expect(.tls) { () throws(TransportError) in try await connect(credentials) }
        #expect(message.contains("trusted authority"))
    }

    @Test("A certificate for another host", .timeLimit(.minutes(10)))
    func wrongHost() async throws {
        let broker = try Broker(.otherHost)
        let message = await expect(.tls) { () throws(TransportError) in
            try await connect(broker.credentials())
        }
        #expect(message.contains("another host name"))
    }

    @Test("An expired certificate", .timeLimit(.minutes(10)))
    func expired() async throws {
        let broker = try Broker(.expired)
        let message = await expect(.tls) { () throws(TransportError) in
            try await connect(broker.credentials())
        }
        #expect(message.contains("expired"))
    }

    @Test("The system's authorities do not know our own", .timeLimit(.minutes(10)))
    func systemStore() async throws {
        let broker = try Broker()
        var credentials = broker.credentials()
        credentials.trust = .system
        let system = credentials
        let message = await expect(.tls) { () throws(TransportError) in try await connect(system) }
        #expect(message.contains("trusted authority"))
    }

    @Test("A CA file that is missing, and one that holds no certificate", .timeLimit(.minutes(10)))
    func trustFile() async throws {
        let broker = try Broker()
        for path in ["/nonexistent/ca.pem", broker.certificates.key(.good)] {
            let message = await expect(.localConfiguration) { () throws(TransportError) in
                try await connect(broker.credentials(trust: path))
            }
            #expect(message.contains(path))
        }
    }

    @Test("A closed port, and a name that does not resolve", .timeLimit(.minutes(10)))
    func unreachable() async throws {
        let broker = try Broker()
        var closed = broker.credentials()
        let socket = try LoopbackSocket()
        defer { socket.close() }
        closed.port = socket.port
        let refusing = closed
        let message = await expect(.unreachable) { () throws(TransportError) in try await connect(refusing) }
        #expect(message.contains("refused"))
        let unknown = broker.credentials(host: "no-such-host.invalid")
        await expect(.nameNotResolved) { () throws(TransportError) in try await connect(unknown) }
    }

    @Test("A server that closes without a word", .timeLimit(.minutes(10)))
    func closes() async throws {
        let socket = try LoopbackSocket()
        defer { socket.close() }
        socket.listenSilently()
        var credentials = try Broker().credentials()
        credentials.port = socket.port
        let closing = credentials
        async let accepted: Void = Task.detached { socket.acceptAndClose() }.value
        let message = await expect(.connectionLost) { () throws(TransportError) in try await connect(closing)
        }
        #expect(message.contains("before it answered CONNECT"))
        await accepted
    }

    @Test("A server that stays silent runs into the deadline, and the wait costs no processor time")
    func silent() async throws {
        let socket = try LoopbackSocket()
        defer { socket.close() }
        socket.listenSilently()
        var options = MosquittoOptions()
        options.connectTimeout = .seconds(1)
        let transport = MosquittoTransport(options: options)
        var credentials = try Broker().credentials()
        credentials.port = socket.port
        let silent = credentials
        let before = await transport.threadTime()
        let message = await expect(.timedOut) { () throws(TransportError) in
            _ = try await transport.connect(silent)
        }
        #expect(message.contains("did not answer"))
        #expect(await transport.threadTime() - before < .milliseconds(200))
    }
}
