// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO

/// A bus for tests that expects exact transactions in order and answers what the script says.
package final class ScriptedI2CBus: I2CBus {
    /// One expected transaction and its answer.
    package struct Step: Sendable, Hashable {
        /// The 7-bit address.
        package var address: UInt8
        /// The bytes that must be written.
        package var write: [UInt8]
        /// How many bytes must be asked for.
        package var readCount: Int
        /// The bytes that come back, or the failure.
        package var answer: Result<[UInt8], BusError>

        /// A bare write that succeeds.
        package static func write(_ bytes: [UInt8], to address: UInt8) -> Step {
            Step(address: address, write: bytes, readCount: 0, answer: .success([]))
        }

        /// A read of `answer.count` bytes after writing `pointer`; no pointer is a bare read.
        package static func read(_ pointer: [UInt8], from address: UInt8, returns answer: [UInt8]) -> Step {
            Step(address: address, write: pointer, readCount: answer.count, answer: .success(answer))
        }

        /// The same transaction, failing.
        package func failing(_ kind: BusError.Kind) -> Step {
            var copy = self
            copy.answer = .failure(BusError(kind, operation: "scripted transfer", location: "script"))
            return copy
        }
    }

    /// Where this bus is, for error texts.
    package let location = "scripted bus"
    private var steps: ArraySlice<Step>
    private var surprises: [String] = []

    private init(_ steps: [Step]) { self.steps = steps[...] }

    /// Runs `body` on a bus with these steps; returns its value and what went off the script, steps left over included.
    ///
    /// A test passes only where there are no deviations.
    package static func run<Value>(
        _ steps: [Step], _ body: (ScriptedI2CBus) throws -> Value
    ) rethrows -> (value: Value, deviations: [String]) {
        let bus = ScriptedI2CBus(steps)
        let value = try body(bus)
        return (value, bus.surprises + bus.steps.map { "left over: \(Self.text($0))" })
    }

    /// One transaction; off the script it throws `.protocolViolation` and is remembered.
    package func transfer(to address: UInt8, write: [UInt8], readCount: Int) throws(BusError) -> [UInt8] {
        let step = steps.first
        guard let step, step.address == address, step.write == write, step.readCount == readCount else {
            let seen = Step(address: address, write: write, readCount: readCount, answer: .success([]))
            let expected = step.map(Self.text) ?? "nothing more"
            surprises.append("expected \(expected), got \(Self.text(seen))")
            throw BusError(.protocolViolation, operation: "transfer off the script", location: location)
        }
        steps = steps.dropFirst()
        return try step.answer.get()
    }

    private static func text(_ step: Step) -> String {
        let address = String(step.address, radix: 16)
        let bytes = step.write.map { String($0, radix: 16) }.joined(separator: " ")
        return "[\(bytes)] to 0x\(address), \(step.readCount) back"
    }

    /// Whether the next step is for that address; a script has no step for the question itself.
    package func answers(at address: UInt8, to probe: PresenceProbe) -> Bool {
        steps.first?.address == address
    }
}
