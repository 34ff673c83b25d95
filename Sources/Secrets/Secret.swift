// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A key, token or pass phrase that no log, error or dump can show.
///
/// Whatever prints, interpolates or mirrors it gets `<redacted>`; the text itself is had by one deliberate call.
package struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let text: String

    /// Hides `text`.
    package init(_ text: String) { self.text = text }

    /// The text itself, for the one place that must send or hash it.
    package func reveal() -> String { text }

    /// Always `<redacted>`.
    package var description: String { "<redacted>" }
    /// Always `<redacted>`.
    package var debugDescription: String { "<redacted>" }
    /// No children, so that `dump` and debuggers' summaries show nothing.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
