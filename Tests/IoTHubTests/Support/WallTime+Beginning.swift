// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

extension WallTime {
    /// When tests begin that need some date.
    static let beginning = WallTime(millisecondsSince1970: 1_700_000_000_000)
}
