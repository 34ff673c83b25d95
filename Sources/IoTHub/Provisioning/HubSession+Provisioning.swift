// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Logging
import Quantities
import Secrets
import StrictJSON

extension HubSession {
    private var provisioning: ProvisioningSettings? {
        if case .provisioning(let settings) = configuration.identity { settings } else { nil }
    }

    /// The CONNECT for DPS (protocol reference 11.1).
    mutating func provisioningCredentials(expiry: Int64) throws(IdentityError) -> HubCredentials {
        guard let settings = provisioning else {
            throw IdentityError("Neither a hub nor the provisioning service is configured; configure one.")
        }
        var token: Secret?
        if let key = try settings.deviceKey() {
            token = try SharedAccessSignature.token(
                resourceURI: "\(settings.idScope)/registrations/\(settings.registrationID)", key: key,
                expiry: expiry, keyName: "registration")
        }
        return HubCredentials(
            host: settings.endpoint.name, port: settings.endpoint.port, clientID: settings.registrationID,
            userName: UserName.provisioning(
                idScope: settings.idScope, registrationID: settings.registrationID,
                productInfo: configuration.productInfo),
            password: token, trust: configuration.trust, certificate: configuration.identity.certificate,
            proxy: configuration.proxy, keepAlive: configuration.keepAlive, cleanSession: true)
    }

    mutating func beginRegistration(at now: Now) {
        phase = .registering
        registration = Registration()
        registration.until = now.monotonic.advanced(by: configuration.limits.provisioning)
        askRegistration(at: now)
    }

    /// Registers, or polls where the operation is known.
    private mutating func askRegistration(at now: Now) {
        guard let settings = provisioning else { return }
        let requestID = nextRequestID()
        registration.step = .asked(
            requestID: requestID, until: now.monotonic.advanced(by: configuration.limits.request))
        if let operationID = registration.operationID {
            let topic = HubTopic.operationStatus(requestID: requestID, operationID: operationID)
            act(.publish(topic: topic, payload: [], requestID: requestID))
            return
        }
        var body: JSONValue = ["registrationId": .string(settings.registrationID)]
        if let modelID = configuration.modelID { body["payload"] = ["modelId": .string(modelID)] }
        act(
            .publish(
                topic: HubTopic.register(requestID: requestID), payload: body.encoded(), requestID: requestID)
        )
    }

    mutating func tickRegistration(at now: Now) {
        let time = now.monotonic
        if let until = registration.until, time >= until {
            giveUp(
                .provisioningBusy, "The provisioning service assigned no hub in time; check its status.",
                at: now)
            return
        }
        switch registration.step {
        case .pausing(let until) where time >= until: askRegistration(at: now)
        case .asked(_, let until) where time >= until:
            let limit = Self.text(configuration.limits.request)
            giveUp(
                .provisioningSilent,
                "The provisioning service did not answer within \(limit); check its status.",
                at: now)
        default: break
        }
    }

    /// Takes an answer to the request under way.
    mutating func receiveRegistration(_ answer: RegistrationAnswer, to requestID: String, at now: Now) {
        guard case .asked(requestID, _) = registration.step else { return }
        switch answer.meaning {
        case .assigning(let operationID):
            registration.failures = 0
            registration.operationID = operationID ?? registration.operationID
            pause(answer.pause ?? .seconds(3), at: now)
        case .busy:
            registration.failures += 1
            let suffix = ServiceErrorBody(answer.payload).suffix
            act(
                .log(
                    .warning,
                    "The provisioning service answered with \(answer.status)\(suffix); asking again."))
            let delay = configuration.backoff.requestDelay(failures: registration.failures, random: random())
            pause(max(answer.pause ?? .seconds(2), delay), at: now)
        case .refused(let sentence): giveUp(.provisioningRefused, sentence, at: now)
        case .assigned(let hub, let deviceID): assigned(hub: hub, deviceID: deviceID, at: now)
        }
    }

    private mutating func pause(_ duration: Duration, at now: Now) {
        let until = now.monotonic.advanced(by: duration)
        guard let limit = registration.until, until < limit else {
            // Waiting on with an open connection would outlast this attempt: the next one begins then.
            giveUp(
                .provisioningBusy, "The provisioning service asked for a pause of \(Self.text(duration)).",
                pause: duration, at: now)
            return
        }
        registration.step = .pausing(until: until)
    }

    private mutating func giveUp(
        _ cause: FailureCause, _ sentence: String, pause: Duration = .zero, at now: Now
    ) {
        fail(cause, sentence, needsDisconnect: true, pause: pause, at: now)
    }

    private mutating func assigned(hub: String, deviceID: String, at now: Now) {
        guard let settings = provisioning else { return }
        do throws(IdentityError) {
            let known = assignment
            assignment = HubAssignment(
                hub: try HostAddress(parsing: hub), deviceID: try IdentityRules.deviceID(deviceID),
                gateway: nil,
                key: try settings.deviceKey())
            if let known, known.hub != assignment?.hub {
                act(.log(.notice, "The provisioning service moved the device from \(known.hub) to \(hub)."))
            }
            let cached = CachedAssignment(
                hub: hub, deviceID: deviceID, fingerprint: try settings.fingerprint())
            act(.saveAssignment(cached))
        } catch {
            giveUp(
                .provisioningRefused,
                "The provisioning service's assignment cannot be used: \(error.message)", at: now)
            return
        }
        registration = Registration()
        failures.refusals = 0
        turnBackToHub()
        enter(.provisioning, "Assigned to \(hubName) as \(deviceID).")
        close(then: .connect, at: now)
    }
}

extension ProvisioningSettings {
    /// The device's own key, base64; `nil` for a device with a certificate.
    func deviceKey() throws(IdentityError) -> Secret? {
        switch credential {
        case .certificate: nil
        case .deviceKey(let key): key
        case .groupKey(let key):
            try SharedAccessSignature.deviceKey(groupKey: key, registrationID: registrationID)
        }
    }
}
