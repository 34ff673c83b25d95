// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles
import Foundation
import HardwareIO
import Quantities
import SensorDrivers
import Testing

/// Reports and boards that the tests of the scan's texts share.
enum ScanReports {
    /// A machine with everything that a scan can meet.
    static let everything = ScanReport(
        adapters: [
            .init(
                number: 1, name: "bcm2835 (i2c@7e804000)", controller: "fe804000.i2c",
                deviceFile: "/dev/i2c-1",
                chips: [
                    .init(0x29, .unknown(reason: "no chip that is known here has this address")),
                    .init(0x38, .notAskable(reason: "The adapter speaks SMBus only.")),
                    .init(0x44, .failed(.init(kind: "bus_error", text: "transfer: protocolViolation."))),
                    .init(0x48, .identified(.ambiguous("tmp102", others: ["tmp112"]))),
                    .init(0x49, .identified(.ambiguous("tmp102", others: ["tmp112"]))),
                    .init(0x4A, .inUse(SensorName("living"))), .init(0x4B, .held(driver: "tmp102")),
                    .init(0x50, .held(driver: nil)), .init(0x76, .identified(.known("bme688"))),
                ]),
            .init(
                number: 20, name: "twin", controller: "one", deviceFile: "/dev/i2c-20",
                chips: [.init(0x48, .identified(.ambiguous("tmp102", others: ["tmp112"])))]),
            .init(
                number: 21, name: "twin", controller: "two", deviceFile: "/dev/i2c-21",
                problem: .init(
                    kind: "permission",
                    text:
                        "open on /dev/i2c-21: permission (errno 13). Members of group i2c may use it: run \"sudo usermod -aG i2c $USER\" and log in again."
                )),
            .init(number: 22, name: "quiet", deviceFile: "/dev/i2c-22"),
        ],
        oneWire: [
            .init(id: "10-000802b5d5d1", finding: .identified(.known("ds18s20"))),
            .init(id: "28-0316a279fcff", finding: .identified(.known("ds18b20"))),
            .init(id: "28-0316a2794cff", finding: .inUse(SensorName("outside"))),
            .init(id: "01-000017fa2b3c", finding: .unknown(reason: "it is no thermometer")),
        ],
        kernelSensors: [
            .init(kind: .hwmon, name: "tmp102", adapter: 1, address: 0x4B, attributes: ["temp1_input"]),
            .init(kind: .thermal, name: "cpu-thermal", attributes: ["temp"]),
        ])

    /// The path of the tests' own board.
    static let testBoardFile = goldenFile("scan-board.toml").path

    /// The tests' own board.
    static func testBoard() throws -> BoardDescription { try board(at: testBoardFile) }

    /// The description in a board file.
    static func board(at file: String) throws -> BoardDescription {
        try BoardDescription.parse(Array(Data(contentsOf: URL(filePath: file))), file: file)
    }

    /// The path of a shipped board's file.
    static func boardFile(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../boards/\(name).toml").standardized.path
    }

    /// The text of a golden file.
    static func golden(_ name: String) throws -> String {
        try String(contentsOf: goldenFile(name), encoding: .utf8)
    }

    private static func goldenFile(_ name: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Golden/\(name)").standardized
    }
}
