// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ChipModels
import HardwareIO
import Quantities
import SensorDrivers
import Simulation
import TestClocks
import Testing

/// What happens where a kernel driver holds a configured chip.
@Suite("Held chip", .timeLimit(.minutes(10))) struct HeldChipTests {
    private static let chip = I2CChipAddress(bus: .adapter("header"), address: 0x48)
    private static let direct: SensorSetup.Opening = { connections throws(SensorError) in
        try TMP102(try connections.chip(on: chip.bus, at: chip.address), part: Part(TMP102.name))
    }

    private let time = VirtualTime()
    private let machine: MachineWithHolder
    private let worker: BusWorker

    init() {
        machine = MachineWithHolder(time: time, chip: Self.chip)
        worker = BusWorker(bus: "b", hardware: machine, time: time)
    }

    private func setup(_ open: @escaping SensorSetup.Opening) -> SensorSetup {
        SensorSetup(
            name: SensorName("room"), source: .hardware(driver: "tmp102", place: "\(Self.chip)"), bus: "b",
            interval: .seconds(8), offset: 0.5, open: open)
    }

    private var withFallback: SensorSetup {
        setup(SensorSetup.opening(Self.chip, orItsHolder: Self.direct))
    }

    @Test("without when-held the sensor fails with the advice of the bus, and no other value is taken")
    func plain() async {
        machine.holder = .hwmon(["temp1_input": "21500\n"])
        guard case .failure(let error) = await worker.sample(setup(Self.direct)) else {
            Issue.record("a reading of a chip that is not ours")
            return
        }
        #expect(error.kind == .notReady)
        #expect(error.description.hasSuffix(MachineWithHolder.advice))
        #expect(machine.opened == [])
    }

    @Test("a chip that nobody holds is read itself, and says so")
    func free() async throws {
        let reading = try await worker.sample(withFallback).get()
        #expect(reading.source == .hardware(driver: "tmp102", place: "\(Self.chip)"))
        #expect(reading.good(.temperature) == 19.5)
        #expect(machine.opened == [])
    }

    @Test("a held chip's values are read from hwmon, with the calibration, and say where they are from")
    func hwmon() async throws {
        machine.holder = .hwmon(["temp1_input": "21500\n", "humidity1_input": "40000\n"])
        let reading = try await worker.sample(withFallback).get()
        #expect(reading.good(.temperature) == 22)
        #expect(reading.good(.relativeHumidity) == 40)
        let place = "hwmon device of the chip at adapter \"header\" address 0x48"
        #expect(reading.source == .hardware(driver: "hwmon", place: place))
    }

    @Test("without hwmon, or where that shows no temperature, IIO is read")
    func iio() async throws {
        machine.holder = .iio(["in_temp_input": "-5250\n"])
        let reading = try await worker.sample(withFallback).get()
        #expect(reading.good(.temperature) == -4.75)
        let place = "IIO device of the chip at adapter \"header\" address 0x48"
        #expect(reading.source == .hardware(driver: "iio", place: place))
        #expect(machine.opened == [.hwmon(name: nil, chip: Self.chip), .iio(name: nil, chip: Self.chip)])
    }

    @Test("a holder that shows no values leaves the error of the held address, with what to do")
    func noValues() async {
        machine.holder = .hwmon(["fan1_input": "1200\n"])
        guard case .failure(let error) = await worker.sample(withFallback) else {
            Issue.record("a reading from nowhere")
            return
        }
        #expect(error.kind == .notReady)
        #expect(error.cause?.kind == .busy)
        #expect(error.description.hasSuffix("release the chip from it."))
    }

    @Test("any other error than a held address stays what it is, and the kernel is not asked")
    func otherErrors() async {
        machine.wires.detach(at: 0x48)
        guard case .failure(let error) = await worker.sample(withFallback) else {
            Issue.record("a reading of an absent chip")
            return
        }
        #expect(error.cause?.kind == .noAcknowledge)
        #expect(machine.opened == [])
    }

    @Test("a holder that comes and goes costs one sample each time, and then the other one is read")
    func changes() async throws {
        let setup = withFallback
        #expect(try await worker.sample(setup).get().good(.temperature) == 19.5)
        machine.holder = .hwmon(["temp1_input": "30000\n"])
        guard case .failure(let held) = await worker.sample(setup) else {
            Issue.record("a reading of a chip that is not ours any more")
            return
        }
        #expect(held.cause?.kind == .busy)
        #expect(try await worker.sample(setup).get().good(.temperature) == 30.5)
        machine.holder = nil
        guard case .failure(let gone) = await worker.sample(setup) else {
            Issue.record("a reading of a driver that is gone")
            return
        }
        #expect(gone.kind == .notFound)
        let back = try await worker.sample(setup).get()
        #expect(back.good(.temperature) == 19.5)
        #expect(back.source == setup.source)
    }
}
