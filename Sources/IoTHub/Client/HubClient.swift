// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Logging
package import Quantities

/// Keeps one device connected to its hub for ever, and carries its messages.
///
/// All decisions are those of ``HubSession``; this actor only does what it says over the transport.
package actor HubClient {
    /// What the client tells by itself; one reader.
    ///
    /// Bounded: a twin or patch that finds no room is read again later, a command is answered with 503, and states
    /// can always be had from ``status``.
    package nonisolated let events: AsyncStream<HubClientEvent>

    /// Makes a client; nothing happens before ``run()``.
    package init(
        configuration: HubClientConfiguration, transport: any HubTransport, time: any TimeSource,
        random: @escaping @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) }, log: Logger
    ) {
        (events, _) = AsyncStream.makeStream()
        _ = (configuration, transport, time, random, log)
    }

    /// Provisions where configured, connects and stays connected until ``stop()`` or cancellation of its task.
    package func run() async {}

    /// Sends one message; returns when the hub has stored it (PUBACK).
    ///
    /// Throws `.offline` at once while there is no connection and `.connectionLost` when it ends first: send it again
    /// later, the hub may then have it twice. Waits while a token renewal is under way.
    package func send(_ message: TelemetryMessage) async throws(HubError) {
        throw HubError(.offline, "There is no connection to the hub; the message can be sent again later.")
    }

    /// Merges `patch` into the reported properties and returns the section's new version.
    ///
    /// One at a time, in order of calls. Answers 429 and 5xx, and silence, are repeated with growing waits while the
    /// connection lasts; 400 and the like throw `.rejected`.
    package func report(_ patch: JSONValue) async throws(HubError) -> Int {
        throw HubError(.offline, "There is no connection to the hub; the report can be sent again later.")
    }

    /// Answers a command; every request deserves exactly one answer.
    package func respond(to request: CommandRequest, status: Int, body: JSONValue) async throws(HubError) {
        throw HubError(.offline, "There is no connection to the hub; nobody waits for the answer any more.")
    }

    /// Lets messages under way finish briefly, disconnects, ends ``run()``; returns when that is done.
    package func stop() async {}

    /// The connection now.
    package var status: HubStatus {
        HubStatus(state: .idle, reason: "Not started.", hub: nil, deviceID: nil)
    }
}
