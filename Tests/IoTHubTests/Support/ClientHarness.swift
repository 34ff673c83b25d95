// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Logging
import Secrets
import Simulation
import Synchronization
import TestClocks
import Testing

@testable import IoTHub

/// A client against a ``FakeHub`` under a ``SteppedTime``, with everything it logged.
final class ClientHarness: Sendable {
    static let key = "vmf4XPs2/VO5o2QHnEVqgEF5DTUWpSjz/bLsjVHcVGE="

    let hub = FakeHub()
    let time = SteppedTime(wall: .beginning)
    let client: HubClient
    let lines = LogLines()

    init(
        _ identity: HubIdentity? = nil, seed: UInt64 = 1, cache: (any AssignmentCache)? = nil,
        change: (inout HubClientConfiguration) -> Void = { _ in }
    )
        throws
    {
        var configuration = try Self.configuration()
        if let identity { configuration.identity = identity }
        change(&configuration)
        let lines = lines
        let log = Logger(label: "test") { _ in lines }
        client = HubClient(
            configuration: configuration, transport: hub, cache: cache, time: time,
            random: SeededGenerator.source(seed: seed), log: log)
    }

    /// What a client is made with where a test does not say otherwise.
    static func configuration() throws -> HubClientConfiguration {
        let plain = try ConnectionString(
            parsing: Secret("HostName=hub.example;DeviceId=dev1;SharedAccessKey=\(key)"))
        return HubClientConfiguration(
            identity: .connectionString(plain), modelID: "dtmi:com:example:TemperatureController;2",
            productInfo: "tests/1")
    }

    /// Runs the client while `body` runs; then stops it and checks that no secret was said.
    func run(_ body: (inout EventReader) async throws -> Void) async throws {
        let running = Task { await client.run() }
        var reader = EventReader(client: client)
        do {
            try await body(&reader)
        } catch {
            await client.stop()
            throw error
        }
        await client.stop()
        await running.value
        await expectNoSecret(in: lines.all + reader.seen.map { "\($0)" })
    }

    /// Lets everything happen that needs no time, then moves the clocks to the client's next deadline.
    func step() async {
        while await !hub.isSettled(client.session) { await Task.yield() }
        guard let deadline = await client.session.nextDeadline else { return }
        time.advance(to: deadline)
        while let next = await client.session.nextDeadline, next <= deadline { await Task.yield() }
    }

    /// Fails the test where a key or token stands in `texts`.
    func expectNoSecret(in texts: [String]) async {
        let passwords = await hub.connects.compactMap { $0.password?.reveal() }
        for text in texts {
            #expect(!text.contains(Self.key))
            #expect(!text.contains("SharedAccessSignature"))
            for password in passwords { #expect(!text.contains(password)) }
        }
    }
}

/// Reads a client's events one after the other and keeps them.
struct EventReader {
    let client: HubClient
    private var iterator: AsyncStream<HubClientEvent>.AsyncIterator
    private(set) var seen: [HubClientEvent] = []

    init(client: HubClient) {
        self.client = client
        iterator = client.events.makeAsyncIterator()
    }

    /// The next event of any kind.
    mutating func next() async throws -> HubClientEvent {
        let event = await iterator.next(isolation: nil)
        // A hop to the client: when it returns, the client has done all that belongs to the event.
        _ = await client.status
        let found = try #require(event)
        seen.append(found)
        return found
    }

    /// Skips to the given state and returns its reason.
    @discardableResult
    mutating func state(_ expected: ConnectionState) async throws -> String {
        while true {
            if case .state(expected, let reason) = try await next() { return reason }
        }
    }

    /// Skips to the next event that is no state.
    mutating func content() async throws -> HubClientEvent {
        while true {
            let event = try await next()
            if case .state = event { continue }
            return event
        }
    }

    /// Skips to the next event that is no state and compares it.
    mutating func expect(_ event: HubClientEvent, sourceLocation: SourceLocation = #_sourceLocation)
        async throws
    {
        let found = try await content()
        #expect(found == event, sourceLocation: sourceLocation)
    }

    /// Skips to the next twin.
    mutating func twin() async throws -> TwinDocument {
        while true {
            if case .twin(let document) = try await next() { return document }
        }
    }
}

/// Keeps what was logged, at every level.
struct LogLines: LogHandler {
    private final class Storage: Sendable {
        let lines = Mutex<[String]>([])
    }

    private let storage = Storage()
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    var all: [String] { storage.lines.withLock { $0 } }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        storage.lines.withLock {
            $0.append("\(event.level): \(event.message) \(event.metadata ?? [:]) \(metadata)")
        }
    }
}
