// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Simulation
import Testing

@testable import StateStore

/// What the two tiers promise, in the simplest words.
private struct OutboxModel {
    /// Rows in the order of appending, and whether a finished move has covered them.
    var waiting: [(key: SampleKey, isSafe: Bool)] = []
    var everUsed: Set<SampleKey> = []
    /// The highest number given of each stream.
    var last: [String: Int64] = [:]
    /// Acknowledged since the last move while on disk: a power cut brings them back, once more to be acknowledged.
    var undead: [SampleKey] = []

    mutating func append(_ keys: [SampleKey]) {
        waiting += keys.map { ($0, false) }
    }

    mutating func remove(_ keys: Set<SampleKey>) {
        undead += waiting.filter { keys.contains($0.key) && $0.isSafe }.map(\.key)
        waiting.removeAll { keys.contains($0.key) }
    }

    mutating func sync() {
        for index in waiting.indices { waiting[index].isSafe = true }
        undead = []
    }

    mutating func cutPower() { waiting.removeAll { !$0.isSafe } }
}

@Suite("Outbox, any sequence of events") struct OutboxPropertyTests {
    @Test(
        "No number is used twice, nothing is lost but what a power cut may take, and the order is kept",
        arguments: 0..<24)
    func anySequence(seed: UInt64) async {
        var random = SeededGenerator(seed: seed)
        let rig = await TelemetryRig()
        var model = OutboxModel()
        for _ in 0..<60 {
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<9: await append(to: rig, &model, &random)
            case 9..<13: await acknowledge(in: rig, &model, &random)
            case 13..<16:
                let result = await rig.store.sync(at: rig.moment)
                guard case .done = result else {
                    Issue.record("unexpected \(result)")
                    return
                }
                model.sync()
            case 16, 17: await rig.restart()
            case 18: await cutPower(of: rig, &model)
            default: await killBetweenCommitAndCleanUp(rig, &model)
            }
            #expect(await rig.store.oldest(limit: 10_000).map(\.key) == model.waiting.map(\.key))
            #expect(await rig.store.status.waiting == model.waiting.count)
        }
    }

    private func append(
        to rig: TelemetryRig, _ model: inout OutboxModel, _ random: inout SeededGenerator
    ) async {
        let streams = ["thermostat1", "thermostat2", ""]
        // Now and then more than is reserved.
        let count = Int.random(in: 1...(Int.random(in: 0..<8, using: &random) == 0 ? 90 : 6), using: &random)
        let samples = (0..<count).map { _ in
            rig.sample(
                streams.randomElement(using: &random) ?? "", Double.random(in: -40...85, using: &random))
        }
        let keys = await rig.store.append(samples).map(\.key)
        #expect(keys.count == count)
        for key in keys {
            #expect(model.everUsed.insert(key).inserted, "\(key) was used before")
            #expect(key.sequence > model.last[key.stream] ?? 0)
            model.last[key.stream] = key.sequence
        }
        rig.pass(.seconds(8))
        model.append(keys)
    }

    private func acknowledge(
        in rig: TelemetryRig, _ model: inout OutboxModel, _ random: inout SeededGenerator
    ) async {
        let keys = model.waiting.map(\.key).filter { _ in Bool.random(using: &random) }
        await rig.store.remove(keys)
        model.remove(Set(keys))
    }

    private func cutPower(of rig: TelemetryRig, _ model: inout OutboxModel) async {
        await rig.cutPower()
        model.cutPower()
        // What was acknowledged since the last move is on disk still: it is offered, and acknowledged, once more.
        let offered = await rig.store.oldest(limit: 10_000).map(\.key)
        let expected = Set(model.waiting.map(\.key)).union(model.undead)
        #expect(Set(offered) == expected && offered.count == expected.count)
        await rig.store.remove(model.undead)
    }

    /// The process ends when the disk has the rows and the young tier still has them too.
    private func killBetweenCommitAndCleanUp(_ rig: TelemetryRig, _ model: inout OutboxModel) async {
        let batch = await rig.store.young.begin(limit: 10_000)
        let outcome = try? await rig.disk.absorb(batch, limits: rig.limits, at: rig.moment)
        #expect(outcome != nil)
        model.sync()
        await rig.restart()
    }
}
