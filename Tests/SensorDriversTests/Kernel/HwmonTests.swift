// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import Testing

@testable import SensorDrivers

@Suite("Hwmon")
struct HwmonTests {
    private static let files = [
        "name": "nct6775\n", "temp10_input": "10000\n", "temp2_input": "2000\n", "temp2_label": "SYSTIN\n",
        "temp5_input": "5000\n", "temp5_fault": "0\n", "humidity3_input": "33000\n",
        "humidity1_input": "41250\n", "fan1_input": "1200\n", "temp2_max": "80000\n",
        "temperature_input": "9\n",
    ]

    private static func device(_ files: [String: String] = Self.files) -> InMemorySysfsDevice {
        InMemorySysfsDevice(
            files.mapValues { .success(Array($0.utf8)) }, location: "/sys/class/hwmon/hwmon0")
    }

    private static func read(
        _ device: InMemorySysfsDevice, channel: String? = nil
    ) throws(SensorError) -> [Measurement] {
        var sensor = try Hwmon(device, channel: channel)
        #expect(try sensor.startConversion() == .zero)
        return try sensor.collect().measurements ?? []
    }

    @Test("channels are ordered by number, temperatures before humidities, and nothing else is one")
    func channels() {
        let names = Hwmon.numberedChannels(of: Self.device()).map(\.name)
        #expect(names == ["temp2", "temp5", "temp10", "humidity1", "humidity3"])
    }

    @Test("without a channel the lowest temperature and the lowest humidity are read, and no other file")
    func lowest() throws {
        let device = Self.device()
        let measurements = try Self.read(device)
        #expect(measurements == [Measurement(.temperature, 2), Measurement(.relativeHumidity, 41.25)])
        #expect(device.reads == ["temp2_input", "humidity1_input"])
    }

    @Test("a channel is read alone", arguments: [("temp10", 10.0), ("temp5", 5), ("humidity3", 33)])
    func channel(name: String, value: Double) throws {
        #expect(try Self.read(Self.device(), channel: name).map(\.goodValue) == [value])
    }

    @Test("a channel that is not there is answered with those that are", arguments: ["temp1", "fan1", ""])
    func noChannel(name: String) {
        let error = #expect(throws: SensorError.self) { try Hwmon(Self.device(), channel: name) }
        #expect(error?.kind == .notFound)
        #expect(error?.description.contains("temp2, temp5, temp10, humidity1, humidity3") == true)
    }

    @Test("a device that measures neither says so")
    func nothingToRead() {
        let device = Self.device(["name": "gpio_fan\n", "fan1_input": "1200\n"])
        let error = #expect(throws: SensorError.self) { try Hwmon(device, channel: nil) }
        #expect(error?.description.contains("/sys/class/hwmon/hwmon0") == true)
        #expect(error?.isRetryable == false)
    }

    @Test("one quantity that fails leaves the other; where both fail the first error is thrown")
    func partialFailure() throws {
        let device = Self.device()
        device.files["temp2_input"] = InMemorySysfsDevice.failure(linuxErrno: 61)
        let measurements = try Self.read(device)
        #expect(
            measurements == [
                Measurement(.temperature, failed: .notReady), Measurement(.relativeHumidity, 41.25),
            ])
        device.files["humidity1_input"] = InMemorySysfsDevice.failure(linuxErrno: 5)
        let error = #expect(throws: SensorError.self) { try Self.read(device) }
        #expect(error?.kind == .notReady)
        #expect(error?.cause?.errno == 61)
    }

    @Test("a fault makes a value meaningless, and a fault file that cannot be read makes it doubtful enough")
    func faults() throws {
        let device = Self.device()
        #expect(try Self.read(device, channel: "temp5").first?.goodValue == 5)
        device.files["temp5_fault"] = .success(Array("1\n".utf8))
        let error = #expect(throws: SensorError.self) { try Self.read(device, channel: "temp5") }
        #expect(error?.kind == .sensorFault)
        device.files["temp5_fault"] = InMemorySysfsDevice.failure(linuxErrno: 5)
        let unread = #expect(throws: SensorError.self) { try Self.read(device, channel: "temp5") }
        #expect(unread?.kind == .ioError)
    }

    @Test(
        "a humidity a little beyond the scale is limited and says so; far beyond it is none",
        arguments: [
            (100_000, 100.0, false), (100_400, 100, true), (115_000, 100, true), (-2_500, 0, true),
            (115_001, nil, false), (-15_001, nil, false),
        ] as [(Int, Double?, Bool)])
    func humidityLimits(thousandths: Int, value: Double?, isClamped: Bool) {
        let device = Self.device(["humidity1_input": "\(thousandths)\n"])
        guard let value else {
            let error = #expect(throws: SensorError.self) { try Self.read(device) }
            #expect(error?.kind == .outOfRange)
            return
        }
        let measurement = (try? Self.read(device))?.first
        #expect(measurement?.goodValue == value)
        #expect(measurement?.flags == (isClamped ? [.humidityClamped] : []))
    }

    @Test(
        "temperatures reach from -150 to 250 °C",
        arguments: [(-150_000, true), (250_000, true), (-150_001, false), (250_001, false)])
    func temperatureLimits(millidegrees: Int, isRight: Bool) {
        let device = Self.device(["temp1_input": "\(millidegrees)\n"])
        #expect(((try? Self.read(device)) != nil) == isRight)
    }

    @Test("a timeout that the kernel reports is an input/output error, for nobody saw the wire")
    func timeout() {
        let device = Self.device()
        device.files["temp5_input"] = InMemorySysfsDevice.failure(linuxErrno: 110)
        let error = #expect(throws: SensorError.self) { try Self.read(device, channel: "temp5") }
        #expect(error?.kind == .ioError)
        #expect(error?.cause?.kind == .timedOut)
        #expect(error?.isRetryable == true)
    }
}
