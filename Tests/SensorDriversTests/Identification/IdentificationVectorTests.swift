// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import StrictJSON
import Testing

@testable import SensorDrivers

@Suite("Identification by vectors")
struct IdentificationVectorTests {
    @Test("every vector gives the status, the chip and the reason that it asks for")
    func everyVectorPasses() async throws {
        let vectors = try #require(try VectorTests.json("identify")["vectors"]?.arrayValue)
        #expect(vectors.count == 66)
        for vector in vectors {
            let id = vector["id"]?.stringValue ?? ""
            let input = try #require(vector["input"])
            let expected = try #require(vector["expect"])
            switch await identity(of: input) {
            case .success(.known(let chip)):
                #expect(expected["status"] == "ok", "\(id)")
                #expect(expected["chip"]?.stringValue == chip, "\(id)")
            case .success(.ambiguous(let chip, let others)):
                #expect(expected["status"] == "suspect" && expected["reason"] == "ambiguous", "\(id)")
                #expect(expected["chip"]?.stringValue == chip, "\(id)")
                #expect(!others.isEmpty && !others.contains(chip))
            case .failure(let error):
                let accepted = [expected["error"]] + (expected["also_accept"]?.arrayValue ?? [])
                #expect(expected["status"] == "error", "\(id) \(error)")
                #expect(accepted.contains(.string(error.kind.rawValue)), "\(id) \(error)")
                #expect(error.isRetryable == expected["retryable"]?.boolValue, "\(id)")
            }
        }
    }

    private func identity(of input: JSONValue) async -> Result<ChipIdentity, SensorError> {
        do throws(SensorError) {
            if let directory = input["w1_directory"]?.stringValue {
                return .success(try ChipIdentification.identify(oneWireDirectory: directory))
            }
            let text = input["address"]?.stringValue ?? ""
            let address = UInt8(text.dropFirst(2), radix: 16) ?? 0
            let device = I2CDevice(bus: bus(input, at: address), address: address)
            return .success(try await ChipIdentification.identify(device) { _ in })
        } catch {
            return .failure(error)
        }
    }

    private func bus(_ input: JSONValue, at address: UInt8) -> any I2CBus {
        if let registers = input["registers"]?.objectValue {
            return RecordedI2CBus(
                .registers(
                    registers.reduce(into: [:]) { blocks, entry in
                        let register = UInt8(entry.key.dropFirst(2), radix: 16) ?? 0
                        blocks[register] = VectorTests.bytes(entry.value.stringValue ?? "")
                    }))
        }
        // Commands without a reply are not acknowledged, and neither is anything where there are no commands.
        let replies = (input["commands"]?.objectValue ?? [:]).reduce(into: [[UInt8]: [UInt8]]()) {
            if let reply = $1.value.stringValue {
                $0[VectorTests.bytes($1.key)] = VectorTests.bytes(reply)
            }
        }
        // A bare read of an AHT20 is the same as a read of its status.
        return CommandI2CBus(address: address, replies: replies, bareRead: address == 0x38 ? [0x71] : nil)
    }
}
