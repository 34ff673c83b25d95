// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@Suite("Vectors")
struct VectorTests {
    @Test(
        "every vector gives exactly the status, error, flags and readings that it asks for",
        arguments: ["tmp102", "tmp112", "ds18b20", "w1_attributes"])
    func everyVectorPasses(name: String) throws {
        let file = try VectorFile.load(name)
        #expect(file.schema == "sensor-vectors/1")
        #expect(file.vectors.count == file.count)
        for vector in file.vectors {
            let outcome = try VectorRunner.outcome(of: vector, chip: file.chip)
            #expect(outcome.mismatches(with: vector.expect) == [], "\(vector.testDescription)")
        }
    }

    @Test("the runner sees a wrong reading, a wrong error, a missing flag and a wrong advice")
    func theRunnerCanFail() throws {
        let vectors = try VectorFile.load("tmp102").vectors
        let good = try #require(vectors.first { $0.class == "random_normal" })
        var outcome = try VectorRunner.outcome(of: good, chip: "tmp102")
        outcome.readings["temperature_c", default: 0] += 0.0625
        #expect(outcome.mismatches(with: good.expect).count == 1)

        let saturated = try #require(vectors.first { $0.expect.status == "suspect" })
        var flagless = try VectorRunner.outcome(of: saturated, chip: "tmp102")
        flagless.flags = []
        flagless.isRetryable = true
        #expect(flagless.mismatches(with: saturated.expect).count == 2)

        let bad = try #require(vectors.first { $0.class == "wrong_identity" })
        var other = try VectorRunner.outcome(of: bad, chip: "tmp102")
        other.error = "crc_mismatch"
        #expect(other.mismatches(with: bad.expect).count == 1)
    }
}
