// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import PlugAndPlay
import Quantities
import StrictJSON
import Testing

@Suite("Commands") struct DeviceCommandTests {
    private func parse(_ method: String, _ payload: String) throws(CommandRefusal) -> DeviceCommand {
        try DeviceCommand(CommandRequest(requestID: "1", methodName: method, payload: [UInt8](payload.utf8)))
    }

    @Test("since is read per thermostat", arguments: ThermostatID.allCases)
    func since(thermostat: ThermostatID) throws {
        let command = try parse("\(thermostat)*getMaxMinReport", "\"2024-05-06T09:08:09+02:00\"")
        #expect(
            command == .maxMinReport(thermostat, since: WallTime(millisecondsSince1970: 1_714_979_289_000)))
    }

    @Test(
        "A missing, null, empty or bad since is 400 with the reason",
        arguments: [
            "", "null", "\"\"", "17", "true", "{}", "[]", "\"yesterday\"", "\"2024-05-06T07:08:09\"",
            "{\"since\":",
            "\"2024-02-30T00:00:00Z\"", "\u{FF}",
        ])
    func badSince(payload: String) throws {
        let refusal = #expect(throws: CommandRefusal.self) {
            try parse("thermostat1*getMaxMinReport", payload)
        }
        #expect(refusal?.status == 400)
        #expect(refusal?.body["error"]?.stringValue?.isEmpty == false)
    }

    @Test("A reboot without delay waits 5 s", arguments: ["", "null", "\"\""])
    func defaultDelay(payload: String) throws {
        #expect(try parse("reboot", payload) == .reboot(delay: .seconds(5)))
    }

    @Test("A delay of 0 to 3600 s is taken", arguments: [0, 1, 3_600])
    func delay(seconds: Int) throws {
        #expect(try parse("reboot", "\(seconds)") == .reboot(delay: .seconds(seconds)))
    }

    @Test(
        "Any other delay is 400",
        arguments: ["-1", "3601", "5.5", "\"5\"", "true", "{}", "{\"delay\":5}", "[]", "1e300", "5 5", "NaN"])
    func badDelay(payload: String) throws {
        let refusal = #expect(throws: CommandRefusal.self) { try parse("reboot", payload) }
        #expect(refusal?.status == 400)
    }

    @Test("An unknown name is told back short and printable, whatever it is")
    func longName() {
        for name in [
            String(repeating: "x", count: 60_000), "a\u{202E}b\u{1B}[31m", "\u{1F600}*getMaxMinReport",
        ] {
            let refusal = #expect(throws: CommandRefusal.self) { try parse(name, "") }
            let text = refusal?.body["error"]?.stringValue ?? ""
            #expect(refusal?.status == 404 && text.utf8.count < 300)
            #expect(text.utf8.allSatisfy { (0x20..<0x7F).contains($0) }, "\(text)")
        }
    }

    @Test(
        "What the model does not have is 404",
        arguments: [
            "nosuch", "thermostat1*reboot", "getMaxMinReport", "thermostat3*getMaxMinReport",
            "deviceInformation*x",
            "*reboot", "reboot*", "", "REBOOT",
        ])
    func unknown(method: String) throws {
        let refusal = #expect(throws: CommandRefusal.self) { try parse(method, "null") }
        #expect(refusal?.status == 404)
    }
}
