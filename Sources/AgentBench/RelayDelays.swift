// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import HardwareIO
import IoTHub
import LinuxHost
import MosquittoTransport
import PlugAndPlay
import Quantities
import ThermostatControl
import ThreadExecutor

/// From a sample, and from a desired property, to the edge of the relay's line.
struct RelayDelays {
    /// Samples, and desired properties, of one measurement.
    private static let count = 2_000
    /// Between two of them everything falls asleep again, as it is between samples of the real agent.
    private static let pause = Duration.milliseconds(2)
    /// The target until the hub asks for another, °C.
    private static let target = 20.0
    /// On either side of the band around the target, and close enough to each other to be believed at once.
    private static let (cold, warm) = (19.0, 20.5)
    private static let sensor = SensorName("bench")

    private let recorder: EdgeRecorder
    private let installation: Installation

    private init(
        _ client: HubClientConfiguration, over transport: any HubTransport, state: String, young: String
    ) async throws(Failure) {
        recorder = EdgeRecorder()
        installation = try await Installation(
            Installation.Parts(
                client: client, transport: transport, state: state, young: young,
                stations: [.thermostat1: Self.station], outputs: recorder,
                // Most samples are sent as well.
                telemetryInterval: .milliseconds(10)))
    }

    /// Both delays inside this process, the hub replaced by one that answers at once.
    static func inProcess(state: String, young: String) async throws(Failure) {
        let hub = LoopbackHub()
        let delays = try await RelayDelays(try .loopback(), over: hub, state: state, young: young)
        try await delays.installation.run { () async throws(Failure) in
            write(try await delays.fromSamples().line("sample"))
            write(try await delays.fromTargets(hub).line("desired"))
        }
    }

    /// The delay of samples while telemetry goes to the hub; then, until standard input ends, a line for every edge.
    ///
    /// Whoever changes the desired property has the other time stamp.
    static func throughHub(state: String, young: String) async throws(Failure) {
        let delays = try await RelayDelays(
            try .ofEnvironment(), over: MosquittoTransport(sharing: SharedThread.executor), state: state,
            young: young)
        try await delays.installation.run { () async throws(Failure) in
            write(try await delays.fromSamples().line("sample"))
            let sampling = Task {
                // Between both targets that are asked for; a sample now and then keeps the thermostat from waiting.
                while !Task.isCancelled {
                    _ = await delays.sample(target)
                    try? await SharedThread.sleep(until: .now + .milliseconds(500))
                }
            }
            let telling = Task {
                while let edge = await delays.recorder.next() {
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
    private func fromSamples() async throws(Failure) -> Delays {
        var delays = Delays()
        for number in 0..<Self.count {
            try? await SharedThread.sleep(until: .now + Self.pause)
            let start = monotonicNanoseconds()
            let temperatures = await sample(number.isMultiple(of: 2) ? Self.cold : Self.warm)
            delays.nanoseconds.append(try await edge(isOn: number.isMultiple(of: 2)).at - start)
            await installation.cloud.offer(temperatures)
        }
        return delays
    }

    /// From the bytes of a desired property's change, as a connection delivers them, to the edge.
    private func fromTargets(_ hub: LoopbackHub) async throws(Failure) -> Delays {
        var delays = Delays()
        for number in 0..<Self.count {
            try? await SharedThread.sleep(until: .now + Self.pause)
            _ = await sample(Self.target)
            let (celsius, version) = (number.isMultiple(of: 2) ? 22 : 18, number + 2)
            let start = monotonicNanoseconds()
            hub.change(
                #"{"thermostat1":{"__t":"c","targetTemperature":\#(celsius)},"$version":\#(version)}"#,
                version: version)
            delays.nanoseconds.append(try await edge(isOn: number.isMultiple(of: 2)).at - start)
        }
        return delays
    }

    /// Takes a sample the way the sampling service hands it on; returns when control has decided.
    private func sample(_ celsius: Double) async -> [ControlLoop.Temperature] {
        await installation.control.record(
            Reading(
                sensor: Self.sensor, measurements: [Measurement(.temperature, celsius)],
                source: .simulated(driver: "bench"), takenAt: installation.time.now()))
    }

    private func edge(isOn: Bool) async throws(Failure) -> Edge {
        guard let edge = await recorder.next(), edge.isOn == isOn else {
            throw Failure(message: "the relay did not go \(isOn ? "on" : "off") where it should")
        }
        return edge
    }

    /// A relay without minimum times: each sample or target on the other side of the band has to switch it.
    private static let station = ControlLoop.StationSetup(
        sensor: sensor,
        settings: ControlSettings(
            limits: TargetLimits(range: 5...35, siteDefault: target), mode: .heat,
            gate: GateSettings(
                minimumOn: .nanoseconds(1), minimumOff: .nanoseconds(1), maximumOn: .seconds(14_400)),
            watch: WatchSettings(period: .seconds(8)), drivesRealOutput: false),
        relay: RelaySetup(
            line: LineAddress(chip: "bench", line: .offset(0)),
            use: LineUse(activeLow: false, consumer: "agent-bench"), isReal: false, ratedCycles: .max))
}
