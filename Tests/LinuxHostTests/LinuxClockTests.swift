// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
import Quantities
import Testing

@testable import LinuxHost

@Suite("LinuxClock") struct LinuxClockTests {
    @Test("It gives the civil time of the system and a monotonic time that does not go back")
    func now() {
        let clock = LinuxClock()
        let first = clock.now()
        let seconds = time(nil)
        let second = clock.now()
        #expect(second.monotonic >= first.monotonic)
        #expect(abs((first.wall?.millisecondsSince1970 ?? 0) / 1_000 - Int64(seconds)) <= 2)
    }

    @Test("It sleeps at least until the deadline")
    func sleeps() async throws {
        let clock = LinuxClock()
        let deadline = clock.now().monotonic.advanced(by: .milliseconds(20))
        try await clock.sleep(until: deadline)
        #expect(clock.now().monotonic >= deadline)
    }

    @Test("A cancelled sleep ends at once with a cancellation", .timeLimit(.minutes(10)))
    func cancelled() async {
        let task = Task {
            try await LinuxClock().sleep(for: .seconds(3_600))
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test(
        "The compiler's date is read, a day early for its unknown zone",
        arguments: [
            ("Nov 23 2026", 1_795_305_600_000), ("Jan  1 2026", 1_767_139_200_000),
            ("Mar  1 2028", 1_835_395_200_000),
            ("??? ?? ????", 0), ("", 0), ("Foo 12 2026", 0), ("Jan 99 2026", 0),
        ] as [(String, Int64)])
    func buildDate(text: String, expected: Int64) {
        #expect(ClockTrust.date(compiler: text).millisecondsSince1970 == expected)
    }

    @Test("This build has a date that is not in the future")
    func ownBuild() throws {
        let wall = try #require(LinuxClock().now().wall)
        #expect(ClockTrust.buildDate < wall)
        #expect(ClockTrust.buildDate.millisecondsSince1970 > 1_750_000_000_000)
    }
}

@Suite("BootID") struct BootIDTests {
    @Test("The running kernel has one, and it stays")
    func here() throws {
        let id = try #require(BootID.read())
        #expect(id.utf8.count == 36)
        #expect(BootID.read() == id)
    }

    @Test("Case and line end do not matter")
    func folded() throws {
        let tree = try FakeTree(text: [
            "/proc/sys/kernel/random/boot_id": "6F1D2C3B-0000-4A5B-8C7D-0123456789AB\n"
        ])
        #expect(BootID.read(root: tree.root) == "6f1d2c3b-0000-4a5b-8c7d-0123456789ab")
    }

    @Test(
        "What is no UUID is none",
        arguments: ["", "abc", "6f1d2c3b-0000-4a5b-8c7d-0123456789ax", "6f1d2c3b00004a5b8c7d0123456789ab"])
    func bad(text: String) throws {
        let tree = try FakeTree(text: ["/proc/sys/kernel/random/boot_id": text])
        #expect(BootID.read(root: tree.root) == nil)
    }
}

@Suite("WorkingSet") struct WorkingSetTests {
    @Test("It grows by what is touched")
    func grows() async {
        // In a process of its own, where nothing else allocates.
        await #expect(processExitsWith: .success) {
            let before = try #require(WorkingSet.kibibytes())
            let size = 64 << 20
            let memory = try #require(
                mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
            try #require(memory != MAP_FAILED)
            memset(memory, 1, size)
            let after = try #require(WorkingSet.kibibytes())
            #expect(after - before > 50_000)
            #expect(after - before < 200_000)
        }
    }

    @Test("Pages become kibibytes, and nonsense nothing")
    func parsing() {
        #expect(WorkingSet.kibibytes(statm: "100 25 1 1 0 1 0\n", pageSize: 4_096) == 100)
        #expect(WorkingSet.kibibytes(statm: "100 25 1 1 0 1 0\n", pageSize: 16_384) == 400)
        for text in ["", "100", "100 x 1", "100 -5"] {
            #expect(WorkingSet.kibibytes(statm: text, pageSize: 4_096) == nil)
        }
    }
}
