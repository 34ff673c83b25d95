// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import PlugAndPlay
package import Quantities

/// The command `reset`: ends latches and the faults that wait for a person.
///
/// The argument `thermostat` means one of them; without it safe mode ends too. The result is that of ``WhyRequest``, after the reset.
package enum ResetRequest {
    /// The command's name.
    package static let command = "reset"

    /// The handler for ``LocalCommands``; `leaveSafeMode` is called where no thermostat is named.
    package static func handler(
        control: ControlLoop, time: any TimeSource, leaveSafeMode: @escaping @Sendable () async -> Void = {}
    ) -> LocalCommands.Handler {
        { arguments, _ throws(LocalError) in
            let id = try LocalArguments(arguments, of: command, known: ["thermostat"]).thermostat()
            for each in ThermostatID.allCases where id == nil || each == id { await control.reset(each) }
            if id == nil { await leaveSafeMode() }
            return WhyRequest.json(await WhyRequest.reports(of: control, id, time))
        }
    }
}
