// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Logging

/// When the hub that DPS assigned is used without asking, and when DPS is asked again (protocol reference 11.5).
///
/// Registrations cost money and are limited, so a known hub is dialled first. DPS is asked again
/// - at once when the hub refuses what no new token can mend (CONNACK 1, 2, 4), and when it refuses a second fresh
///   token too (CONNACK 5); the assignment is then forgotten, here and in the cache;
/// - after ten failures in a row of other kinds, the number of Microsoft's SDK for embedded C; the hub may have moved.
///   If DPS does not help, the known hub gets its turn again, so that neither outage holds up the other's return.
extension HubSession {
    /// Takes the hub of an earlier run, where it was assigned to the same identity.
    mutating func recall(_ cached: CachedAssignment) {
        guard phase == .idle, case .provisioning(let settings) = configuration.identity else { return }
        do throws(IdentityError) {
            guard cached.fingerprint == (try settings.fingerprint()) else {
                act(
                    .log(
                        .info,
                        "The device's identity has changed since it was assigned to a hub; asking anew."))
                act(.forgetAssignment)
                return
            }
            assignment = HubAssignment(
                hub: try HostAddress(parsing: cached.hub),
                deviceID: try IdentityRules.deviceID(cached.deviceID),
                gateway: nil, key: try settings.deviceKey())
        } catch {
            act(.log(.warning, "The stored assignment to a hub cannot be used: \(error.message)"))
            act(.forgetAssignment)
        }
    }

    /// Counts a refusal of the hub; the second of a fresh token, and every other kind, sends the device back to DPS.
    mutating func noteRefusal(_ code: UInt8, by target: Target) {
        // 3 is no refusal of this device, and what is above 5 does not come from a hub.
        guard target == .hub, usesProvisioning, (1...5).contains(code), code != 3 else { return }
        failures.refusals += 1
        guard code != 5 || failures.refusals >= configuration.counts.refusals else { return }
        assignment = nil
        asksProvisioning = false
        failures.refusals = 0
        failures.sinceAssignment = 0
        act(.forgetAssignment)
    }

    /// Counts a failure of the assigned hub.
    mutating func noteHubFailure(_ target: Target) {
        guard target == .hub, usesProvisioning, assignment != nil else { return }
        failures.sinceAssignment += 1
        if failures.sinceAssignment >= configuration.counts.hubFailures { asksProvisioning = true }
    }

    /// Leaves DPS alone until the known hub has failed as often again.
    mutating func turnBackToHub() {
        asksProvisioning = false
        failures.sinceAssignment = 0
    }

    private var usesProvisioning: Bool {
        if case .provisioning = configuration.identity { true } else { false }
    }
}
