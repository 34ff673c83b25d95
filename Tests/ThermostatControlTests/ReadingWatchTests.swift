// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import ThermostatControl

@Suite("Reading watch")
struct ReadingWatchTests {
    private let time = Timeline()

    private func watch(frozenAfter: Duration? = nil) -> ReadingWatch {
        ReadingWatch(WatchSettings(period: .seconds(8), frozenAfter: frozenAfter), startedAt: time.instant(0))
    }

    @Test("it waits for the first good sample, and the limit of age runs from the start")
    func waiting() {
        var watch = watch()
        watch.tick(at: time.instant(60), relayIsOn: false)
        #expect(watch.trust == .waiting)
        watch.tick(at: time.instant(60.1), relayIsOn: false)
        #expect(watch.trust == .fault(.stale))
        var other = self.watch()
        other.record(time.sample(20, 1))
        #expect(other.trust == .fresh)
    }

    @Test("one or two failures coast, the third is a fault")
    func failures() {
        var watch = watch()
        watch.record(time.sample(20, 1))
        watch.recordFailure()
        watch.recordFailure()
        #expect(watch.trust == .coasting)
        watch.recordFailure()
        #expect(watch.trust == .fault(.sensorLost))
    }

    @Test("a good sample in time ends coasting and starts the count anew")
    func coastingEnds() {
        var watch = watch()
        watch.record(time.sample(20, 1))
        for second in 2..<6 {
            watch.recordFailure()
            watch.recordFailure()
            #expect(watch.trust == .coasting)
            watch.record(time.sample(20, Double(second)))
            #expect(watch.trust == .fresh)
        }
    }

    @Test("samples that come late coast after two periods and are a fault after the limit")
    func late() {
        var watch = watch()
        watch.record(time.sample(20, 0))
        watch.tick(at: time.instant(16), relayIsOn: true)
        #expect(watch.trust == .fresh)
        watch.tick(at: time.instant(16.5), relayIsOn: true)
        #expect(watch.trust == .coasting)
        watch.tick(at: time.instant(60.5), relayIsOn: true)
        #expect(watch.trust == .fault(.stale))
    }

    @Test("three good samples in a row end a fault, fewer do not")
    func recovery() {
        var watch = watch()
        watch.record(time.sample(20, 0))
        for _ in 0..<3 { watch.recordFailure() }
        watch.record(time.sample(20, 10))
        watch.record(time.sample(20, 18))
        watch.recordFailure()
        watch.record(time.sample(20, 26))
        watch.record(time.sample(20, 34))
        #expect(watch.trust == .fault(.sensorLost))
        watch.record(time.sample(20, 42))
        #expect(watch.trust == .fresh)
    }

    @Test("good samples on both sides of a long silence are not in a row")
    func recoveryIsInterrupted() {
        var watch = watch()
        watch.tick(at: time.instant(70), relayIsOn: false)
        watch.record(time.sample(20, 70))
        watch.record(time.sample(20, 78))
        watch.tick(at: time.instant(200), relayIsOn: false)
        watch.record(time.sample(20, 201))
        #expect(watch.trust == .fault(.stale))
    }

    @Test("what the site cannot have is no sample", arguments: [60.1, -20.1, 85, .nan, .infinity])
    func range(celsius: Double) {
        var watch = watch()
        watch.record(time.sample(20, 0))
        for second in 1...3 { watch.record(time.sample(celsius, Double(second))) }
        #expect(watch.trust == .fault(.outOfRange))
        #expect(watch.latest?.celsius == 20)
    }

    @Test("a jump is believed when two more samples agree with it, and not before")
    func jump() {
        var watch = watch()
        watch.record(time.sample(20, 0))
        watch.record(time.sample(45, 8))
        #expect(watch.trust == .coasting && watch.latest?.celsius == 20)
        watch.record(time.sample(45.5, 16))
        #expect(watch.latest?.celsius == 20)
        watch.record(time.sample(45.2, 24))
        #expect(watch.trust == .fresh && watch.latest?.celsius == 45.2)
    }

    @Test("a spike that comes back is forgotten")
    func spike() {
        var watch = watch()
        watch.record(time.sample(20, 0))
        watch.record(time.sample(45, 8))
        watch.record(time.sample(20.1, 16))
        #expect(watch.trust == .fresh && watch.latest?.celsius == 20.1)
        watch.record(time.sample(45, 24))
        watch.record(time.sample(45, 32))
        #expect(watch.latest?.celsius == 20.1)
    }

    @Test("spikes in all directions become a fault by age")
    func wildSpikes() {
        var watch = watch()
        watch.record(time.sample(20, 0))
        for (index, celsius) in [45.0, -10, 50, 0, 55, -15, 45, -10].enumerated() {
            watch.record(time.sample(celsius, Double(index + 1) * 8))
            watch.tick(at: time.instant(Double(index + 1) * 8), relayIsOn: true)
        }
        #expect(watch.trust == .fault(.implausibleRate))
    }

    @Test("silence after a spike is silence")
    func spikeThenSilence() {
        var watch = watch()
        watch.record(time.sample(20, 0))
        watch.record(time.sample(45, 8))
        watch.tick(at: time.instant(60), relayIsOn: true)
        #expect(watch.trust == .coasting)
        watch.tick(at: time.instant(61), relayIsOn: true)
        #expect(watch.trust == .fault(.stale))
    }

    @Test("a value that stands still while the relay is on is a fault until it moves")
    func frozen() {
        var watch = watch(frozenAfter: .seconds(100))
        for second in stride(from: 0.0, through: 200, by: 8) {
            watch.record(time.sample(20, second))
            watch.tick(at: time.instant(second), relayIsOn: second > 50)
            #expect((watch.trust == .fault(.frozen)) == (second >= 160), "\(second)")
        }
        for (index, celsius) in [20.0625, 20.125, 20.0625].enumerated() {
            #expect(watch.trust == .fault(.frozen))
            watch.record(time.sample(celsius, 210 + Double(index)))
        }
        #expect(watch.trust == .fresh)
    }

    @Test("standing still with the relay off, or moving at all, is no fault")
    func notFrozen() {
        var watch = watch(frozenAfter: .seconds(100))
        for second in stride(from: 0.0, through: 1_000, by: 8) {
            watch.record(time.sample(second == 504 ? 20.0625 : 20, second))
            watch.tick(at: time.instant(second), relayIsOn: second > 440 && second < 560)
        }
        #expect(watch.trust == .fresh)
    }

    @Test("the limit of age is three periods or a minute, and never more than five")
    func limits() {
        #expect(WatchSettings(period: .seconds(8)).maximumAge == .seconds(60))
        #expect(WatchSettings(period: .seconds(30)).maximumAge == .seconds(90))
        #expect(WatchSettings(period: .seconds(3600)).maximumAge == .seconds(300))
        #expect(WatchSettings(period: .seconds(8), maximumAge: .seconds(4000)).maximumAge == .seconds(300))
    }
}
