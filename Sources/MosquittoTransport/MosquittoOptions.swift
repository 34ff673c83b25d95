// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Limits of a `MosquittoTransport`.
package struct MosquittoOptions: Sendable, Hashable {
    /// How many publishes may be unacknowledged at once, 1…1000; further ones wait for their turn.
    package var window = 100
    /// How long a connect may take in all: name, TCP, TLS and CONNACK.
    package var connectTimeout = Duration.seconds(30)
    /// How long the server may take to answer a SUBSCRIBE.
    package var subscribeTimeout = Duration.seconds(30)
    /// How long a DISCONNECT may wait for the socket to take it.
    package var disconnectTimeout = Duration.seconds(2)
    /// How many events may wait for their reader; one more ends the connection.
    package var eventLimit = 256

    /// Makes the default limits.
    package init() {}
}
