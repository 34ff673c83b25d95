// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import Logging
package import PlugAndPlay
import Quantities
import StateStore
import StrictJSON
import ThermostatControl

extension CloudService {
    /// Takes the full twin of a new connection: applies what is new, then says what the hub does not have.
    func adopt(_ twin: TwinDocument) async {
        await bindToHub()
        // At the start everything is reported once, whatever an earlier run has said.
        reported.learn(twin.reported, isNew: !hasReportedOnce)
        hasReportedOnce = true
        // A version below the known one means that the device was created anew, so only an equal one is a repetition.
        if twin.desiredVersion == desiredVersion {
            await restoreLostAnswers(twin)
        } else {
            let changes = DesiredChange.all(in: twin.desired).filter { !isOvertaken($0) }
            let asked = Set(changes.compactMap(\.thermostat))
            // A component that is there but no object asks for nothing, and deletes nothing either.
            let unasked = ThermostatID.allCases.filter { id in
                let component = twin.desired[id.rawValue]
                // What somebody on this machine has set holds until the hub asks for something.
                return !asked.contains(id) && !localTargets.contains(id)
                    && (component == nil || component?.objectValue != nil)
            }
            // What an earlier run has left may still turn up; a hub that asks for nothing must not have decided by then.
            let isOpen = await control.isPastUnknown
            await apply(
                changes + (isOpen ? [] : unasked.map { .targetDeleted($0) }), version: twin.desiredVersion)
            for id in localTargets.union(isOpen ? unasked : []) {
                guard let target = await control.target(of: id) else { continue }
                report(ReportedProperties.target(.initial(target), of: id))
            }
        }
        reportSignal.send()
    }

    /// Takes a change of the desired section.
    func adopt(_ patch: DesiredPatch) async {
        if let desiredVersion, patch.version <= desiredVersion {
            log.debug("Desired version \(patch.version) came again and is left alone.")
            return
        }
        await apply(DesiredChange.all(in: patch.changes), version: patch.version)
        reportSignal.send()
    }

    /// Tells the hub a target that somebody on this machine has set; it holds until the hub asks for another.
    package func report(localTarget celsius: Double, of id: ThermostatID) {
        localTargets.insert(id)
        restoredVersions[id] = nil
        report(ReportedProperties.target(.initial(celsius), of: id))
        reportSignal.send()
    }

    /// Stores that the hub has every answer to the version in force, so that a restart need not answer again.
    func rememberAnswers() {
        guard let hub, let desiredVersion, desiredVersion != answeredVersion, reported.pending == nil else {
            return
        }
        answeredVersion = desiredVersion
        storeQueue.add("desired version") { try await $0.setDesiredVersion(desiredVersion, hub: hub) }
    }

    private func apply(_ changes: [DesiredChange], version: Int64) async {
        desiredVersion = version
        var answers: [(ThermostatID, PropertyAcknowledgement)] = []
        for change in changes {
            guard let id = change.thermostat else {
                if case .ignored(let path, let reason) = change {
                    log.info("Desired property \(path) is ignored: \(reason).")
                }
                continue
            }
            let answer = await judge(change, of: id, version: version)
            if answer.code != 400 { localTargets.remove(id) }
            answers.append((id, answer))
            guard let hub, answer.code != 400 else { continue }
            hubTargets[id] = answer.code == 203 ? nil : answer.celsius
            guard answer.code != 203 else {
                restoredVersions[id] = nil
                storeQueue.add("target \(id.rawValue)") { try await $0.forgetTarget(id.rawValue, hub: hub) }
                continue
            }
            let target = StoredTarget(
                celsius: answer.celsius, desiredVersion: version, acceptedAt: time.now().trustedWall)
            storeQueue.add("target \(id.rawValue)") {
                try await $0.setTarget(target, for: id.rawValue, hub: hub)
            }
        }
        // What is acknowledged is to outlive the program; a disk that hangs holds the answer up no longer than this.
        if !answers.isEmpty { await limited(to: .seconds(1), time) { await self.storeQueue.drain() } }
        // Meanwhile somebody on this machine may have set another.
        for (id, answer) in answers where answer.code == 400 || !localTargets.contains(id) {
            report(ReportedProperties.target(answer, of: id))
        }
    }

    /// Whether a full twin only holds what the hub had asked for before somebody on this machine set another target.
    ///
    /// A new version may be about something else.
    private func isOvertaken(_ change: DesiredChange) -> Bool {
        guard case .target(let id, let celsius) = change, localTargets.contains(id) else { return false }
        return hubTargets[id] == celsius
    }

    /// Answers again where the hub has lost the answer to a version that is in force here, or holds another target.
    private func restoreLostAnswers(_ twin: TwinDocument) async {
        for id in ThermostatID.allCases {
            let held = ReportedProperties.reportedTarget(in: twin.reported, of: id)
            // Another one was the site's default before its configuration was changed.
            guard let target = await control.target(of: id), held?.celsius != target else { continue }
            let answer = restoredVersions[id].map { PropertyAcknowledgement.completed(target, version: $0) }
            report(ReportedProperties.target(answer ?? .initial(target), of: id))
        }
    }

    /// Takes up what an earlier run had accepted from this hub for this device.
    private func bindToHub() async {
        let status = await client.status
        guard let host = status.hub, let deviceID = status.deviceID else { return }
        let key = HubKey(hub: host, deviceID: deviceID)
        guard key != hub else { return }
        hub = key
        restoredVersions = [:]
        hubTargets = [:]
        // Then all that the hub asks for is new, and is answered.
        let reading = Task { await known(of: key) }
        let deadline = time.now().monotonic.advanced(by: ControlStart.patience)
        guard let known = await value(of: reading, by: deadline, time) else {
            log.warning("What an earlier run had accepted is not known: the disk does not answer.")
            return
        }
        takeUp(version: known.version)
        for id in ThermostatID.allCases {
            if let target = known.targets[id] {
                await takeUp(target, of: id)
            } else if known.isWhole, await control.remembersTarget(of: id) {
                // This hub has never asked for one, so it was set on this machine, perhaps before there was a hub.
                localTargets.insert(id)
            }
        }
    }

    private struct Known {
        var version: Int64?
        var targets: [ThermostatID: StoredTarget] = [:]
        /// Whether nothing is missing.
        var isWhole = false
    }

    /// What the store has of a hub; what cannot be read is missing, and said.
    private func known(of key: HubKey) async -> Known {
        var known = Known()
        do {
            known.version = try await store.desiredVersion(hub: key)
            for id in ThermostatID.allCases {
                known.targets[id] = try await store.target(id.rawValue, hub: key)
            }
            known.isWhole = true
        } catch {
            log.warning("What an earlier run had accepted could not be read: \(error)")
        }
        return known
    }

    private func takeUp(version: Int64?) {
        desiredVersion = version
        answeredVersion = version
    }

    private func takeUp(_ target: StoredTarget, of id: ThermostatID) async {
        hubTargets[id] = target.celsius
        let restored = await control.restore(target: target.celsius, of: id)
        // A different one answers no version, and was set on this machine later unless it only had to be limited.
        restoredVersions[id] = restored == target.celsius ? target.desiredVersion : nil
        let limited = await control.limited(target: target.celsius, of: id)
        if restored != limited { localTargets.insert(id) }
        log.info("\(id): target \(restored) °C restored from an earlier run.")
    }

    private func judge(
        _ change: DesiredChange, of id: ThermostatID, version: Int64
    ) async -> PropertyAcknowledgement {
        switch change {
        case .target(_, let celsius):
            switch await control.apply(ThermostatSettings(target: celsius), to: id) {
            case (.accepted(let target), _):
                log.notice("\(id): target \(target) °C accepted (desired version \(version)).")
                return .completed(target, version: version)
            case (.rejected(let reason), let target):
                log.warning("\(id): target refused: \(reason). \(target) °C stays in use.")
                return .refused(keeping: target, version: version, reason: reason)
            }
        case .malformedTarget(_, let reason):
            let target = await control.target(of: id) ?? 0
            log.warning("\(id): target refused: \(reason). \(target) °C stays in use.")
            return .refused(keeping: target, version: version, reason: reason)
        case .targetDeleted, .ignored:
            let (_, target) = await control.apply(ThermostatSettings(target: nil), to: id)
            return .initial(target)
        }
    }
}
