// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Logging
import Quantities

extension HubSession {
    /// Takes a message from whichever service is connected.
    mutating func receive(topic: String, payload: [UInt8], at now: Now) {
        guard let parsed = InboundTopic(topic, deviceID: assignment?.deviceID) else {
            let shown = IdentityRules.printable(topic)
            act(.log(.warning, "A message with an unknown or malformed topic was dropped: \(shown)"))
            return
        }
        switch (parsed, phase) {
        case (.provisioningResponse(let status, let requestID, let retryAfter), .registering):
            receiveRegistration(
                RegistrationAnswer(status: status, retryAfter: retryAfter, payload: payload), to: requestID,
                at: now)
        case (.methodRequest(let name, let requestID), _):
            receive(CommandRequest(requestID: requestID, methodName: name, payload: payload))
        case (.twinResponse(let status, let requestID, let version), .syncing),
            (.twinResponse(let status, let requestID, let version), .online),
            (.twinResponse(let status, let requestID, let version), .draining),
            (.twinResponse(let status, let requestID, let version), .stopping):
            let answer = TwinAnswer(status: status, version: version, payload: payload)
            receiveTwin(answer, to: requestID, at: now)
        case (.desiredPatch(let version), .syncing), (.desiredPatch(let version), .online),
            (.desiredPatch(let version), .draining):
            receivePatch(DesiredPatch(parsing: payload, topicVersion: version), at: now)
        case (.cloudMessage(let properties), _):
            act(.emit(.cloudMessage(CloudMessage(properties: properties, body: payload))))
        case (.provisioningResponse, _), (.twinResponse, _), (.desiredPatch, _):
            // Of a connection that ended, or a change that the coming full read contains.
            break
        }
    }

    private mutating func receive(_ command: CommandRequest) {
        switch phase {
        case .syncing, .online, .draining, .stopping: act(.emit(.command(command)))
        // Nothing can be answered before the subscriptions stand; the bound keeps a flood out.
        case .connecting, .subscribing:
            if earlyCommands.count < 64 { earlyCommands.append(command) }
        case .idle, .registering, .closing, .waiting, .stopped: break
        }
    }

    /// Asks for the full twin.
    mutating func requestTwin(at now: Now) {
        let requestID = nextRequestID()
        twin.state = .requested(
            requestID: requestID, until: now.monotonic.advanced(by: configuration.limits.request))
        act(.publish(topic: HubTopic.twinGet(requestID: requestID), payload: [], requestID: requestID))
    }

    mutating func tickTwin(at now: Now) {
        guard let deadline = twin.deadline, now.monotonic >= deadline else { return }
        if case .backingOff = twin.state {
            requestTwin(at: now)
        } else if noteSilence(of: "the twin read", at: now) {
            repeatTwin(at: now)
        }
    }

    private mutating func receiveTwin(_ answer: TwinAnswer, to requestID: String, at now: Now) {
        if reports.expects(requestID) {
            silences = 0
            finishReport(with: answer, at: now)
        } else if case .requested(requestID, _) = twin.state {
            silences = 0
            finishTwinRead(with: answer, at: now)
        } else {
            act(.log(.debug, "An answer to no open request was dropped (status \(answer.status))."))
        }
    }

    private mutating func finishTwinRead(with answer: TwinAnswer, at now: Now) {
        guard answer.status == 200 else {
            tellSync(
                "The twin read was answered with \(answer.status)\(ServiceErrorBody(answer.payload).suffix); "
                    + "asking again.")
            repeatTwin(at: now)
            return
        }
        guard let document = TwinDocument(parsing: answer.payload) else {
            tellSync("The answer to the twin read is not a twin; asking again.")
            repeatTwin(at: now)
            return
        }
        // The word comes before the twin: whoever adopts it may report at once.
        if phase == .syncing {
            phase = .online
            enter(.online, "Connected to \(hubName) as \(assignment?.deviceID ?? "").")
        }
        act(.emit(.twin(document)))
        let (patches, isGap) = twin.complete(version: document.desiredVersion)
        for patch in patches { act(.emit(.desired(patch))) }
        if isGap { repeatTwin(at: now) }
    }

    private mutating func receivePatch(_ patch: DesiredPatch?, at now: Now) {
        if patch == nil {
            act(.log(.warning, "A desired patch without version or object: reading the twin again."))
        }
        switch twin.receive(patch) {
        case .deliver: if let patch { act(.emit(.desired(patch))) }
        case .readAgain:
            if isUp { requestTwin(at: now) } else { twin.state = .backingOff(until: now.monotonic) }
        case .ignore, .hold: break
        }
    }

    /// Tells why the twin is not known yet; as the state's reason where it is the first read of a connection.
    private mutating func tellSync(_ text: String) {
        if phase == .syncing {
            enter(.syncing, "\(text) Messages go out meanwhile.", level: .warning)
        } else {
            act(.log(.warning, text))
        }
    }

    private mutating func repeatTwin(at now: Now) {
        twin.failures += 1
        let delay = configuration.backoff.requestDelay(failures: twin.failures, random: random())
        twin.state = .backingOff(until: now.monotonic.advanced(by: delay))
    }

    /// Reads the twin again, because its reader had no room for a twin or patch.
    mutating func twinReaderBehind(at now: Now) {
        guard twin.state != .off else { return }
        act(.log(.warning, "Twin changes come faster than they are handled; reading the whole twin later."))
        repeatTwin(at: now)
    }

    /// Counts a request without answer; returns whether the connection still deserves trust.
    mutating func noteSilence(of what: String, at now: Now) -> Bool {
        silences += 1
        let limit = Self.text(configuration.limits.request)
        guard silences >= configuration.counts.unansweredRequests else {
            act(.log(.warning, "No answer to \(what) within \(limit); asking again."))
            return true
        }
        let text = "The hub left \(silences) requests in a row unanswered; connecting anew."
        fail(.requestsUnanswered, text, needsDisconnect: true, at: now)
        return false
    }
}

/// The answer to a twin read or reported patch.
struct TwinAnswer: Equatable, Sendable {
    var status: Int
    var version: Int64?
    var payload: [UInt8]
}
