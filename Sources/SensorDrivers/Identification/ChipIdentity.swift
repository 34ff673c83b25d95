// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What answers at an address, as far as that can be told without doing harm.
package enum ChipIdentity: Sendable, Hashable {
    /// The chip says by itself what it is; the name is the part's, whether or not there is a driver for it.
    case known(String)
    /// It answers like this part, and the others would answer the same: only whoever fitted it knows.
    case ambiguous(String, others: [String])

    /// Every part that it may be, the likeliest first.
    package var candidates: [String] {
        switch self {
        case .known(let chip): [chip]
        case .ambiguous(let chip, let others): [chip] + others
        }
    }
}
