// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO

/// Switches relays off without a running agent: each line is requested, driven off, read back and let go.
package enum RelayShutOff {
    /// What came of one line.
    package struct Outcome: Sendable, Hashable {
        /// The line.
        package var line: LineAddress
        /// How it is now.
        package var result: Result

        /// How a line is now.
        package enum Result: Sendable, Hashable {
            /// It was driven off and reads off.
            case confirmedOff
            /// It was driven off and still reads on.
            case readsOn
            /// It could not be had, driven or read.
            case failed(BusError)
        }
    }

    /// Does so for every real line of `relays`, whatever happens to the others; a simulated one switches nothing.
    ///
    /// `whenOff` is called for each that is confirmed off, while the line is held: nobody else can have it before.
    package static func run(
        _ relays: [RelaySetup], on hardware: any Hardware, whenOff: (RelaySetup) -> Void = { _ in }
    ) -> [Outcome] {
        relays.filter(\.isReal).map { Outcome(line: $0.line, result: result($0, hardware, whenOff)) }
    }

    private static func result(
        _ relay: RelaySetup, _ hardware: any Hardware, _ whenOff: (RelaySetup) -> Void
    ) -> Outcome.Result {
        do throws(BusError) {
            let line = try hardware.openLine(relay.line, relay.use)
            try line.set(active: false)
            guard try !line.isActive() else { return .readsOn }
            whenOff(relay)
            withExtendedLifetime(line) {}
            return .confirmedOff
        } catch {
            return .failed(error)
        }
    }
}
