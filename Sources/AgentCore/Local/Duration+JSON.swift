// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import StrictJSON

extension Duration {
    /// The time in seconds, to the millisecond.
    var json: JSONValue { .double(Double(milliseconds) / 1_000) }

    /// Seconds from a text that may hold anything; `nil` for what is no time from 0 to a thousand years.
    init?(json: JSONValue?) {
        guard let seconds = json?.doubleValue, (0...3.2e10).contains(seconds) else { return nil }
        self = .milliseconds(Int64((seconds * 1_000).rounded()))
    }
}
