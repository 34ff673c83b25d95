// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Synchronization
import Testing

@Suite struct ClockJudgeTests {
    private static let built = WallTime(millisecondsSince1970: 1_780_000_000_000)
    private static let day = 86_400

    private static func wall(days: Double) -> WallTime { built.advanced(by: .seconds(days * Double(day))) }

    private func judge(lastKnown: Double? = nil) -> ClockJudge {
        ClockJudge(
            floor: Self.built, lastKnown: lastKnown.map(Self.wall(days:)), patience: .seconds(120))
    }

    /// One first look: the clock in days after the build, seconds since the boot, the signs, and what is to come out.
    struct Look: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var days: Double
        var sinceBoot = 10
        var lastKnown: Double?
        var kernel: Bool? = false
        var mark = false
        var service = false
        /// In days after the build.
        var chip: Double?
        var verdict: ClockVerdict
    }

    private static let looks = [
        Look(
            testDescription: "a time service holds it", days: 30, kernel: true, verdict: .sure(.timeService)),
        Look(
            testDescription: "the kernel may not be asked, but timesyncd has left its mark", days: 30,
            kernel: nil,
            mark: true, verdict: .sure(.timeService)),
        Look(
            testDescription: "the kernel may not be asked, but others say that a time service holds it",
            days: 23,
            lastKnown: 30, kernel: nil, service: true, verdict: .sure(.timeService)),
        Look(
            testDescription: "others say so of a time before the build", days: -1, kernel: nil, service: true,
            verdict: .doubtful(.beforeBuild(wall(days: -1)))),
        Look(
            testDescription: "the kernel says no, so nobody else is asked", days: 30, service: true,
            verdict: .doubtful(.awaitingTimeService(wall(days: 30)))),
        Look(
            testDescription: "the server was lost for hours, so that the kernel took its flag back", days: 30,
            sinceBoot: 90_000, mark: true, verdict: .sure(.timeService)),
        Look(
            testDescription: "a day before the build", days: -1, kernel: true, chip: -1,
            verdict: .doubtful(.beforeBuild(wall(days: -1)))),
        Look(
            testDescription: "1970, however long", days: -20_000, sinceBoot: 900_000,
            verdict: .doubtful(.beforeBuild(wall(days: -20_000)))),
        Look(
            testDescription: "a week before the last known time, however long", days: 23, sinceBoot: 900_000,
            lastKnown: 30, mark: true, chip: 23,
            verdict: .doubtful(.beforeLastKnown(wall(days: 23), lastKnown: wall(days: 30)))),
        Look(
            testDescription: "a time service says that the last known time was wrong", days: 23,
            lastKnown: 30,
            kernel: true, verdict: .sure(.timeService)),
        Look(
            testDescription: "seconds before the last known time", days: 30 - 50 / 86_400, lastKnown: 30,
            mark: true,
            verdict: .sure(.timeService)),
        Look(
            testDescription: "a clock chip shows the same", days: 30, chip: 30.0005,
            verdict: .sure(.hardwareClock)),
        Look(
            testDescription: "a clock chip without battery, and a saved time", days: 30, chip: -20_000,
            verdict: .doubtful(.awaitingTimeService(wall(days: 30)))),
        Look(
            testDescription: "a saved time, two minutes are not over", days: 30, sinceBoot: 119,
            lastKnown: 30,
            verdict: .doubtful(.awaitingTimeService(wall(days: 30)))),
        Look(
            testDescription: "a saved time, two minutes are over", days: 30, sinceBoot: 120, lastKnown: 30,
            verdict: .estimated),
        Look(
            testDescription: "nothing may be asked, two minutes are over", days: 30, sinceBoot: 120,
            kernel: nil,
            verdict: .estimated),
    ]

    @Test("The first look at a clock", arguments: looks)
    func first(look: Look) {
        var judge = judge(lastKnown: look.lastKnown)
        let verdict = judge.judge(
            Self.wall(days: look.days), sinceBoot: .seconds(look.sinceBoot),
            ClockSigns(
                kernelIsSynchronised: look.kernel, hasMark: look.mark,
                hardwareClock: { look.chip.map(Self.wall(days:)) }, timeService: { look.service }))
        #expect(verdict == look.verdict)
        if case .doubtful = look.verdict {
            #expect(!verdict.isTrusted && verdict.sentence.contains("The clock says"))
            #expect(verdict.sentence.contains("timedatectl"))
        } else {
            #expect(verdict.isTrusted)
        }
    }

    @Test("A clock that cannot be read is no clock")
    func unreadable() {
        var judge = judge()
        let verdict = judge.judge(nil, sinceBoot: .seconds(900), ClockSigns(kernelIsSynchronised: true))
        #expect(verdict == .doubtful(.unreadable))
    }

    @Test(
        "A clock that somebody vouched for stays good without its server until somebody sets it",
        arguments: [-3, 3])
    func held(days: Double) {
        var judge = judge()
        let start = Self.wall(days: 30)
        func look(_ seconds: Int, stepped: Double = 0) -> ClockVerdict {
            judge.judge(
                start.advanced(by: .seconds(seconds)).advanced(by: .seconds(stepped * 86_400)),
                sinceBoot: .seconds(30 + seconds),
                ClockSigns(kernelIsSynchronised: seconds == 0, hasMark: true))
        }
        #expect(look(0) == .sure(.timeService))
        // The flag goes away, and the clock drifts by a second in ten minutes.
        for minute in 1...50 { #expect(look(minute * 60 + minute / 10) == .sure(.timeService)) }
        let stepped = look(3_600, stepped: days)
        #expect(days < 0 ? !stepped.isTrusted : stepped == .estimated)
        #expect(judge.lastKnown.map { $0 < start.advanced(by: .seconds(3_600)) } == true)
        #expect(look(3_660) == .sure(.timeService), "set back to where it was")
    }

    @Test("An estimate is never remembered, so that it cannot lock out the right time")
    func estimate() {
        var judge = judge(lastKnown: 20)
        #expect(judge.judge(Self.wall(days: 9_000), sinceBoot: .seconds(500), ClockSigns()) == .estimated)
        #expect(judge.lastKnown == Self.wall(days: 20))
        #expect(judge.judge(Self.wall(days: 21), sinceBoot: .seconds(510), ClockSigns()) == .estimated)
    }

    @Test("What vouches for a clock is not asked in vain")
    func chip() {
        var judge = judge()
        let signs = ClockSigns(kernelIsSynchronised: true) {
            Issue.record("The clock chip was read although a time service holds the clock")
            return nil
        }
        #expect(judge.judge(Self.wall(days: 1), sinceBoot: .seconds(1), signs).isTrusted)
    }

    @Test("Others are asked once, and then the clock only has to run")
    func asksOnce() {
        var judge = judge()
        var questions: [Int] = []
        for second in 0...100 {
            let asked = Mutex(false)
            let signs = ClockSigns {
                nil
            } timeService: {
                asked.withLock { $0 = true }
                return true
            }
            let wall = Self.wall(days: 1).advanced(by: .seconds(second))
            #expect(judge.judge(wall, sinceBoot: .seconds(second), signs) == .sure(.timeService))
            if asked.withLock({ $0 }) { questions.append(second) }
        }
        #expect(questions == [0])
    }

    @Test(
        "Whatever is shown, no time before the build and none before the last known one is trusted unproven")
    func property() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let known = Double.random(in: 0...100, using: &random)
            var judge = judge(lastKnown: Bool.random(using: &random) ? known : nil)
            let before = judge.lastKnown
            let wall = Self.wall(days: .random(in: -100...200, using: &random))
            let kernel: Bool? = [true, false, nil].randomElement(using: &random) ?? nil
            let mark = Bool.random(using: &random)
            let chip = Bool.random(using: &random) ? wall : nil
            let verdict = judge.judge(
                wall, sinceBoot: .seconds(Int.random(in: 0...300, using: &random)),
                ClockSigns(kernelIsSynchronised: kernel, hasMark: mark, hardwareClock: { chip }))
            if wall < Self.built { #expect(!verdict.isTrusted) }
            let isProven = kernel ?? mark
            if let before, wall < before.advanced(by: .seconds(-60)), !isProven {
                #expect(!verdict.isTrusted)
            }
            if let before, let after = judge.lastKnown, !isProven { #expect(after >= before) }
        }
    }
}
