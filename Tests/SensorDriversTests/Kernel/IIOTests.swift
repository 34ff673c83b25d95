// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import Testing

@testable import SensorDrivers

@Suite("IIO")
struct IIOTests {
    private static func device(_ files: [String: String]) -> InMemorySysfsDevice {
        InMemorySysfsDevice(
            files.mapValues { .success(Array($0.utf8)) }, location: "/sys/bus/iio/devices/iio:device0")
    }

    private static func read(
        _ device: InMemorySysfsDevice, channel: String? = nil
    ) throws(SensorError) -> [Measurement] {
        var sensor = try IIO(device, channel: channel)
        #expect(try sensor.startConversion() == .zero)
        return try sensor.collect().measurements ?? []
    }

    /// What Linux shows of a thermometer for objects at a distance: two temperatures, one scale for both.
    private static let twoTemperatures = [
        "name": "mlx90614\n", "in_temp_ambient_raw": "14908\n", "in_temp_object_raw": "15058\n",
        "in_temp_object_calibemissivity": "1.000000\n", "in_temp_offset": "-13657.500000\n",
        "in_temp_scale": "20\n",
    ]

    @Test("kilopascals become pascals, thousandths become °C and percent, and each file is read once")
    func units() throws {
        let device = Self.device([
            "name": "bme280\n", "in_temp_input": "21500\n", "in_pressure_input": "99.646554687\n",
            "in_humidityrelative_input": "60033.203125000\n", "in_humidityrelative_oversampling_ratio": "1\n",
        ])
        #expect(
            try Self.read(device) == [
                Measurement(.temperature, 21.5), Measurement(.relativeHumidity, 60.033203125),
                Measurement(.pressure, 99646.554687),
            ])
        #expect(device.reads == ["in_temp_input", "in_humidityrelative_input", "in_pressure_input"])
    }

    @Test("a raw pressure is scaled to pascals too")
    func rawPressure() throws {
        let device = Self.device(["in_pressure_raw": "1013250\n", "in_pressure_scale": "0.000100000\n"])
        let value = try #require(try Self.read(device).first?.goodValue)
        #expect(abs(value - 101_325) < 1e-6)
    }

    @Test(
        "a named channel is read with the scale and offset that its kind shares",
        arguments: [("temp_ambient", 25.01), ("temp_object", 28.01)])
    func namedChannels(name: String, celsius: Double) throws {
        let value = try Self.read(Self.device(Self.twoTemperatures), channel: name).first?.goodValue
        #expect(abs(try #require(value) - celsius) < 1e-9)
    }

    @Test("a channel's own scale wins over the one of its kind, and that over the device's")
    func scales() throws {
        var files = ["in_temp0_raw": "1000\n", "in_scale": "1\n"]
        #expect(try Self.read(Self.device(files), channel: "temp0").first?.goodValue == 1)
        files["in_temp_scale"] = "2\n"
        #expect(try Self.read(Self.device(files), channel: "temp0").first?.goodValue == 2)
        files["in_temp0_scale"] = "3\n"
        #expect(try Self.read(Self.device(files), channel: "temp0").first?.goodValue == 3)
    }

    @Test("a device whose channels all have names of their own asks for one of them")
    func choice() {
        let error = #expect(throws: SensorError.self) {
            try IIO(Self.device(Self.twoTemperatures), channel: nil)
        }
        #expect(error?.kind == .notFound)
        #expect(error?.description.contains("set channel to one of temp_ambient, temp_object") == true)
    }

    @Test("an accelerometer is no thermometer, and a word that begins alike is another one")
    func nothingToRead() {
        let device = Self.device([
            "in_accel_x_raw": "1\n", "in_temperature_raw": "1\n", "in_temp_scale": "1\n",
        ])
        let error = #expect(throws: SensorError.self) { try IIO(device, channel: nil) }
        #expect(error?.kind == .notFound)
        #expect(error?.description.contains("another IIO device") == true)
    }

    @Test("a scale or offset that cannot be read fails the value, and is not taken as nothing")
    func brokenParameters() {
        for attribute in ["in_temp_scale", "in_temp_offset"] {
            let device = Self.device([
                "in_temp_raw": "9720\n", "in_temp_offset": "-4368\n", "in_temp_scale": "10.725097656\n",
            ])
            device.files[attribute] = InMemorySysfsDevice.failure(linuxErrno: 5)
            let error = #expect(throws: SensorError.self) { try Self.read(device) }
            #expect(error?.kind == .ioError, "\(attribute)")
        }
    }
}
