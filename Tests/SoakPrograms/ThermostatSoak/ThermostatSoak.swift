// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
import ThermostatControl
import ThermostatLife

/// `thermostat-soak [STEPS [FIRST-SEED]]`: random lives of a thermostat on all processor cores, until a rule is broken.
@main enum ThermostatSoak {
    private static let stepsPerLife = 5_000
    private static let livesPerBatch = 200

    /// What a batch of lives amounts to.
    private struct Sum: Sendable {
        var switches = 0
        var restartsInLockOut = 0
        var states: Set<ThermostatState> = []
        var violations: [String] = []

        mutating func add(_ other: Sum) {
            switches += other.switches
            restartsInLockOut += other.restartsInLockOut
            states.formUnion(other.states)
            violations += other.violations
        }
    }

    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        let numbers = arguments.compactMap { UInt64($0) }
        guard numbers.count == arguments.count, numbers.count <= 2 else {
            print("usage: thermostat-soak [STEPS [FIRST-SEED]]")
            exit(64)
        }
        let steps = numbers.first ?? 100_000_000
        let firstSeed = numbers.count > 1 ? numbers[1] : 0
        let start = ContinuousClock.now
        let sum = await live(lives: max(1, steps / UInt64(stepsPerLife)), from: firstSeed)
        print("\(steps) steps in \(start.duration(to: .now)): \(sum.switches) changes of the relay,")
        print("\(sum.restartsInLockOut) restarts in a lock-out, \(sum.states.count) states seen")
        for violation in sum.violations.prefix(10) { print(violation) }
        // A thermostat that never switches would keep every rule.
        let isLively =
            sum.switches > Int(clamping: steps / 500) && sum.states.count == ThermostatState.allCases.count
        if !isLively { print("too little happened for this to say anything") }
        exit(sum.violations.isEmpty && isLively ? 0 : 1)
    }

    private static func live(lives: UInt64, from firstSeed: UInt64) async -> Sum {
        let batches = (lives + UInt64(livesPerBatch) - 1) / UInt64(livesPerBatch)
        return await withTaskGroup(of: Sum.self) { group in
            var (sum, next) = (Sum(), UInt64(0))
            func addBatch() {
                guard next < batches, sum.violations.isEmpty else { return }
                let begin = next * UInt64(livesPerBatch)
                let seeds = begin..<min(lives, begin + UInt64(livesPerBatch))
                group.addTask { batch(seeds, from: firstSeed) }
                next += 1
            }
            for _ in 0..<max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) { addBatch() }
            while let part = await group.next() {
                sum.add(part)
                addBatch()
            }
            return sum
        }
    }

    private static func batch(_ numbers: Range<UInt64>, from firstSeed: UInt64) -> Sum {
        var sum = Sum()
        for number in numbers {
            let seed = firstSeed &+ number
            var life = RandomLife(seed: seed)
            life.live(steps: stepsPerLife)
            sum.add(
                Sum(
                    switches: life.switches, restartsInLockOut: life.restartsInLockOut,
                    states: life.statesSeen,
                    violations: life.violations.map { "seed \(seed): \($0)" }))
        }
        return sum
    }
}
