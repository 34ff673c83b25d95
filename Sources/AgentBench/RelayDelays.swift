// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import Glibc
import IoTHub
import LinuxHost
import MosquittoTransport
import Secrets

/// From a sample, and from a desired property, to the edge of the relay's line.
enum RelayDelays {
    /// Samples, and desired properties, of one measurement.
    private static let count = 2_000
    /// Between two of them everything falls asleep again, as it is between samples of the real agent.
    private static let pause = Duration.milliseconds(2)
    /// On either side of the band around the target, and close enough to each other to be believed at once.
    private static let (cold, warm) = (19.0, 20.5)

    /// Both delays inside this process, the hub replaced by one that answers at once.
    static func inProcess(directory: String) async throws(Failure) {
        let hub = LoopbackHub()
        let text = "HostName=loopback.invalid;DeviceId=bench;SharedAccessKey=YmVuY2g="
        let installation = await Installation(
            try configuration(text, trust: .system), over: hub, directory: directory)
        try await installation.run { () async throws(Failure) in
            write(try await fromSamples(installation).line("sample"))
            write(try await fromTargets(installation, hub).line("desired"))
        }
    }

    /// The delay of samples while telemetry goes to the hub; then, until standard input ends, a line for every edge.
    ///
    /// Whoever changes the desired property has the other time stamp.
    static func throughHub(directory: String) async throws(Failure) {
        guard let text = getenv("IOTHUB_DEVICE_CONNECTION_STRING"), let file = getenv("SSL_CERT_FILE") else {
            throw Failure(
                message: "set IOTHUB_DEVICE_CONNECTION_STRING and SSL_CERT_FILE as local-hub prints them")
        }
        let installation = await Installation(
            try configuration(String(cString: text), trust: .file(String(cString: file))),
            over: MosquittoTransport(), directory: directory)
        try await installation.run { () async throws(Failure) in
            write(try await fromSamples(installation).line("sample"))
            let sampling = Task {
                // Between both targets that are asked for; a sample now and then keeps the thermostat from waiting.
                while !Task.isCancelled {
                    _ = await installation.sample(Installation.target)
                    try? await Task.sleep(for: .milliseconds(500))
                }
            }
            let telling = Task {
                while let edge = await installation.recorder.next() {
                    write("{\"edge\": \(edge.at), \"isOn\": \(edge.isOn)}")
                }
            }
            write(#"{"what": "ready"}"#)
            for await _ in StandardInput.lines() {}
            sampling.cancel()
            telling.cancel()
        }
    }

    /// From the call that hands a sample to control to the edge, the telemetry of each going to the hub behind it.
    private static func fromSamples(_ installation: Installation) async throws(Failure) -> Delays {
        var delays = Delays()
        for number in 0..<count {
            try? await Task.sleep(for: pause)
            let start = monotonicNanoseconds()
            let temperatures = await installation.sample(number.isMultiple(of: 2) ? cold : warm)
            let edge = try await edge(of: installation, isOn: number.isMultiple(of: 2))
            delays.nanoseconds.append(edge.at - start)
            await installation.cloud.offer(temperatures)
        }
        return delays
    }

    /// From the bytes of a desired property's change, as a connection delivers them, to the edge.
    private static func fromTargets(
        _ installation: Installation, _ hub: LoopbackHub
    ) async throws(Failure) -> Delays {
        var delays = Delays()
        for number in 0..<count {
            try? await Task.sleep(for: pause)
            _ = await installation.sample(Installation.target)
            let celsius = number.isMultiple(of: 2) ? 22 : 18
            let version = number + 2
            let start = monotonicNanoseconds()
            hub.change(
                #"{"thermostat1":{"__t":"c","targetTemperature":\#(celsius)},"$version":\#(version)}"#,
                version: version)
            let edge = try await edge(of: installation, isOn: number.isMultiple(of: 2))
            delays.nanoseconds.append(edge.at - start)
        }
        return delays
    }

    private static func edge(of installation: Installation, isOn: Bool) async throws(Failure) -> Edge {
        guard let edge = await installation.recorder.next(), edge.isOn == isOn else {
            throw Failure(message: "the relay did not go \(isOn ? "on" : "off") where it should")
        }
        return edge
    }

    private static func configuration(
        _ text: String, trust: TrustAnchors
    ) throws(Failure) -> HubClientConfiguration {
        do throws(IdentityError) {
            let parsed = try ConnectionString(parsing: Secret(text))
            return HubClientConfiguration(identity: .connectionString(parsed), trust: trust)
        } catch {
            throw Failure(message: "the connection string is wrong: \(error)")
        }
    }
}
