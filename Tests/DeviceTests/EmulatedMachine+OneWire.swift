// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import EmulatedHardware
import EmulatedMachine
import Quantities
import SensorDrivers
import Simulation
import Testing

extension EmulatedMachine {
    /// Plugs the adapter with a DS2482 at 0x18 and these thermometers behind it, for the time of `body`.
    ///
    /// `body` begins when the kernel has found all of them.
    func withThermometers(
        _ parts: [DS18B20Model], on adapter: I2CTinyUSBAdapter, _ body: (GuestI2CBus) async throws -> Void
    ) async throws {
        var bridge = DS2482Model()
        for part in parts { bridge.line.attach(part) }
        adapter.bus.attach(bridge, at: 0x18)
        try await with(adapter, as: "onewire") { bus in
            try await bindBridge(on: bus, awaiting: parts.map(\.rom.id))
            try await body(bus)
        }
    }

    /// Binds the kernel's driver to the DS2482 at 0x18; returns when the kernel has found these thermometers.
    func bindBridge(on bus: GuestI2CBus, awaiting ids: [String]) async throws {
        // The kernel searches at once, then every ten seconds; `w1_slave` is there once the driver has the part.
        let script = """
            echo ds2482 0x18 >/sys/bus/i2c/devices/i2c-$1/new_device
            shift
            for id; do until [ -e "/sys/bus/w1/devices/$id/w1_slave" ]; do sleep 0.05; done; done
            """
        try await shell(script, ["\(bus.number)"] + ids)
    }

    /// What a read of `w1_slave` gives.
    func w1Text(_ id: String) async throws -> String {
        let dump = try await shell("od -An -v -tx1 /sys/bus/w1/devices/$1/w1_slave", [id])
        let bytes = dump.joined(separator: " ").split(separator: " ").compactMap { UInt8($0, radix: 16) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Expects that our driver makes this of the text that the kernel gives, and returns the text.
    @discardableResult
    func expectThermometer(
        _ id: String, _ expected: Result<Double, SensorErrorKind>,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let text = try await w1Text(id)
        let result = Self.thermometer(id, text: text)
        #expect(result == expected, "\(id)", sourceLocation: sourceLocation)
        return text
    }

    /// What our driver makes of the text that the kernel gives: °C, or the kind of error.
    private static func thermometer(_ id: String, text: String) -> Result<Double, SensorErrorKind> {
        let device = InMemorySysfsDevice(["w1_slave": .success(Array(text.utf8))])
        do throws(SensorError) {
            var driver = try DS18B20(device, id: id)
            _ = try driver.startConversion()
            guard let measurement = try driver.collect().measurements?.first, measurement.quality == .good
            else { return .failure(.malformed) }
            return measurement.value
        } catch {
            return .failure(error.kind)
        }
    }
}

extension VirtualI2CBus {
    /// Changes the 1-Wire line behind the bridge at 0x18.
    func withLine(_ body: (inout OneWireLine, ContinuousClock.Instant) -> Void) {
        let found: Void? = withModel(DS2482Model.self, at: 0x18) { body(&$0.line, $1) }
        #expect(found != nil, "there is no bridge at 0x18")
    }

    /// Changes a thermometer behind the bridge at 0x18.
    func withThermometer(
        _ id: String, _ body: (inout DS18B20Model, ContinuousClock.Instant) -> Void
    ) {
        withLine { line, now in
            let found: Void? = line.withDevice(id, as: DS18B20Model.self) { body(&$0, now) }
            #expect(found != nil, "there is no thermometer \(id)")
        }
    }

    /// Breaks or repairs a thermometer behind the bridge at 0x18.
    func setFault(_ fault: DS18B20Model.Fault?, of id: String) {
        withThermometer(id) { part, _ in part.fault = fault }
    }
}
