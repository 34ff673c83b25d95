// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

extension HubClient {
    /// Disconnects in order and stays away for `duration`, or until ``resume()``; returns when the connection is closed.
    ///
    /// What is under way is lost to this connection, so it is to be sent before.
    package func pause(for duration: Duration) async {
        process(.pause(until: time.now().monotonic.advanced(by: duration)))
        await linkOperation?.value
    }

    /// Connects again after ``pause(for:)``.
    package func resume() { process(.resume) }
}
