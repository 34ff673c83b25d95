// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ChipModels
import HardwareIO
import Quantities
import SensorDrivers
import Simulation
import Synchronization
import Testing

@Suite("Scanning", .timeLimit(.minutes(10))) struct ScannerTests {
    private let time = ScanTime()

    private func wires() -> VirtualI2CBus {
        let time = time
        return VirtualI2CBus(clock: { time.instant })
    }

    private func scan(_ bench: ScanBench, inUse: AgentCore.Scanner.InUse = .init()) async -> ScanReport {
        await AgentCore.Scanner(hardware: bench, time: time, inUse: inUse).scan()
    }

    @Test("every chip model at every address is recognised, and all are left as they were found")
    func chipModels() async throws {
        var bench = ScanBench()
        var places: [Place] = []
        for (name, model) in ChipModelCatalog.all {
            for address in try #require(DriverCatalog.driver(named: name)).addresses {
                let wires = wires()
                let chip = model.init(ambient: Ambient(celsius: 20), poweredAt: time.instant)
                wires.attach(chip, at: address)
                bench.plug(.wires(wires))
                places.append(Place(driver: name, model: model, wires: wires, address: address))
            }
        }
        try await time.sleep(for: .milliseconds(900))
        let found = places.map(\.settings)
        let report = await scan(bench)
        #expect(report.adapters.count == places.count)
        #expect(!report.hasProblems)
        for (place, adapter) in zip(places, report.adapters) {
            #expect(adapter.chips.map(\.address) == [place.address])
            guard case .identified(let identity)? = adapter.chips.first?.finding else {
                Issue.record("\(place.driver): \(adapter)")
                continue
            }
            let drivers = identity.candidates.compactMap { DriverCatalog.driver(named: $0)?.name }
            #expect(drivers.contains(place.driver))
        }
        #expect(places.map(\.settings) == found)
        #expect(found.allSatisfy { $0 != nil })
    }

    /// Where a model is, so that its settings can be looked at.
    private struct Place {
        let driver: String
        let model: any AmbientChipModel.Type
        let wires: VirtualI2CBus
        let address: UInt8

        var settings: [UInt16]? { settings(of: model) }

        private func settings<Model: AmbientChipModel>(of model: Model.Type) -> [UInt16]? {
            wires.withModel(model, at: address) { model, _ in model.settings }
        }
    }

    @Test("no output of a port expander changes, and every multiplexer keeps its channels") func neighbours()
        async
    {
        let wires = wires()
        let expanders: [UInt8] = [0x20, 0x27, 0x38, 0x3F]
        let multiplexers: [UInt8] = [0x70, 0x74, 0x76, 0x77]
        for address in expanders { wires.attach(PCF8574Model(pins: 0x5A), at: address) }
        for address in multiplexers { wires.attach(TCA9548AModel(mask: 0x05), at: address) }
        var bench = ScanBench()
        bench.plug(.wires(wires))
        let report = await scan(bench)
        #expect(report.adapters.first?.chips.map(\.address) == expanders + multiplexers)
        for chip in report.adapters[0].chips {
            guard case .unknown = chip.finding else {
                Issue.record("\(chip)")
                continue
            }
        }
        for address in expanders {
            #expect(wires.withModel(PCF8574Model.self, at: address) { model, _ in model.written } == [])
        }
        for address in multiplexers {
            #expect(wires.withModel(TCA9548AModel.self, at: address) { model, _ in model.mask } == 0x05)
            if address < 0x76 {
                #expect(wires.withModel(TCA9548AModel.self, at: address) { model, _ in model.masks } == [])
            }
        }
    }

    @Test("what a kernel driver holds or the agent reads is told and not touched") func untouched() async {
        let wires = wires()
        for address in [0x48, 0x50, 0x76] as [UInt8] { wires.attach(TouchedModel(), at: address) }
        var bench = ScanBench()
        bench.plug(.wires(self.wires()))
        bench.plug(.wires(wires), holders: [0x50: "at24"])
        bench.ids = ["28-0316a279fcff", "28-0316a2794cff", "01-000017fa2b3c"]
        let place = { (address: UInt8, bus: I2CBusAddress) in I2CChipAddress(bus: bus, address: address) }
        let report = await scan(
            bench,
            inUse: .init(
                chips: [
                    place(0x48, .controller("parent 1")): SensorName("living"),
                    place(0x76, .adapterPrefix("adapter 1")): SensorName("cellar"),
                    place(0x76, .deviceFile("/dev/i2c-7")): SensorName("elsewhere"),
                ], oneWire: ["28-0316a279fcff": SensorName("outside")]))
        #expect(report.adapters[0].chips == [])
        #expect(
            report.adapters[1].chips == [
                .init(0x48, .inUse(SensorName("living"))), .init(0x50, .held(driver: "at24")),
                .init(0x76, .inUse(SensorName("cellar"))),
            ])
        for address in [0x48, 0x50, 0x76] as [UInt8] {
            #expect(wires.withModel(TouchedModel.self, at: address) { model, _ in model.touches } == 0)
        }
        #expect(
            report.oneWire.map(\.finding) == [
                .inUse(SensorName("outside")), .identified(.known("ds18b20")),
                .unknown(reason: "it is no thermometer"),
            ])
    }

    @Test("presence is asked as i2cdetect does, once at each address that a chip can have") func presence()
        async
    {
        let recorder = Recorder()
        var bench = ScanBench()
        bench.plug(
            .made {
                ProbedBus { (address, probe) throws(BusError) in
                    recorder.note(address, probe)
                    return false
                }
            })
        _ = await scan(bench)
        let probes = recorder.probes
        #expect(probes.keys.sorted() == Array(0x08...0x77))
        for (address, probe) in probes {
            let reads = 0x30...0x37 ~= address || 0x50...0x5F ~= address
            #expect(probe == [reads ? .readByte : .quickWrite], "\(address)")
        }
    }

    @Test("what kernel drivers measure is listed, with the chip where there is one") func kernelSensors()
        async
    {
        var bench = ScanBench()
        bench.sensors = [
            KernelSensor(.hwmon(name: "tmp102", chip: nil), chip: (1, 0x48), attributes: ["temp1_input"]),
            KernelSensor(.iio(name: "bme280", chip: nil), attributes: ["in_temp_input"]),
            KernelSensor(.thermalZone(type: "cpu-thermal"), attributes: ["temp"]),
        ]
        #expect(
            await scan(bench).kernelSensors == [
                .init(
                    kind: .hwmon, name: "tmp102", adapter: 1, address: 0x48, attributes: ["temp1_input"]),
                .init(kind: .iio, name: "bme280", attributes: ["in_temp_input"]),
                .init(kind: .thermal, name: "cpu-thermal", attributes: ["temp"]),
            ])
    }

    @Test("adapters that share a name are told apart") func sharedName() async {
        let second = wires()
        second.attach(TMP102Model(celsius: 20, poweredAt: time.instant), at: 0x49)
        var bench = ScanBench()
        bench.plug(.wires(wires()), name: "twin")
        bench.plug(.wires(second), name: "twin")
        let report = await scan(bench)
        #expect(report.adapters.map(\.chips.count) == [0, 1])
        #expect(!report.hasProblems)
    }

    @Test("progress counts every address of every adapter") func progress() async {
        let recorder = Recorder()
        var bench = ScanBench()
        bench.plug(.wires(wires()))
        bench.plug(.wires(wires()))
        _ = await AgentCore.Scanner(hardware: bench, time: time).scan { recorder.note($0) }
        for file in ["/dev/i2c-0", "/dev/i2c-1"] {
            let steps = recorder.steps.filter { $0.deviceFile == file }
            #expect(steps.map(\.done) == Array(1...112))
            #expect(steps.allSatisfy { $0.total == 112 })
        }
    }
}

/// Collects what the threads of adapters tell.
final class Recorder: Sendable {
    private let state = Mutex<(probes: [UInt8: [PresenceProbe]], steps: [AgentCore.Scanner.Progress])>(
        ([:], []))

    var probes: [UInt8: [PresenceProbe]] { state.withLock(\.probes) }
    var steps: [AgentCore.Scanner.Progress] { state.withLock(\.steps) }

    func note(_ address: UInt8, _ probe: PresenceProbe) {
        state.withLock { $0.probes[address, default: []].append(probe) }
    }

    func note(_ step: AgentCore.Scanner.Progress) { state.withLock { $0.steps.append(step) } }
}
