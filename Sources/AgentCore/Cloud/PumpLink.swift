// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub

/// When the pump has to be told of a connection or its end; pure.
///
/// The client drops states where their reader is late and keeps the latest: an end that nobody told shows by the
/// connection's number. The pump stops by itself when a message is lost, so it has to hear of each new connection.
struct PumpLink {
    private var isOnline = false
    private var session = 0

    /// Takes a state while the client counts `session` connections; returns what to tell, `nil` for nothing.
    mutating func take(_ state: ConnectionState, session: Int) -> Bool? {
        // While a token is renewed messages wait inside the client; the connection does not count as lost.
        guard state != .renewing else { return nil }
        let isNew = state.carriesMessages && session != self.session
        guard isNew || state.carriesMessages != isOnline else { return nil }
        isOnline = state.carriesMessages
        self.session = session
        return isOnline
    }
}
