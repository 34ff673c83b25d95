// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Dispatch
import Glibc
import Quantities
import Testing

@testable import StateStore

/// Where a child process and the test that started it meet; a child cannot be handed anything.
private func meetingPlace(_ name: String, of process: pid_t) -> String {
    "/tmp/state-store-\(name)-\(process)"
}

/// Makes the meeting place of this process, empty, in which a child may write as whatever user it becomes.
private func openPlace(_ name: String) -> String {
    let place = meetingPlace(name, of: getpid())
    removeTree(place)
    mkdir(place, 0o777)
    chmod(place, 0o777)
    return place
}

@Suite("The store and processes", .timeLimit(.minutes(10))) struct StoreProcessTests {
    @Test("Killed with -9 in the middle of writes, it opens with every finished transaction, whole")
    func killed() async throws {
        let place = meetingPlace("kill", of: getpid())
        removeTree(place)
        defer { removeTree(place) }
        var last: Int64 = 0
        var children = 0
        // More of them where the disk is so slow that these have written hardly anything.
        while children < 20 || last <= 20 {
            children += 1
            await #expect(processExitsWith: .signal(SIGKILL)) {
                let place = meetingPlace("kill", of: getppid())
                let store = await openStore(.file(place + "/state.db"))
                var version = try await store.desiredVersion(hub: testHub) ?? 0
                let delay = UInt32.random(in: 0...40_000)
                Thread.detach {
                    usleep(delay)
                    kill(getpid(), SIGKILL)
                }
                while true {
                    version += 1
                    let target = StoredTarget(
                        celsius: Double(version), desiredVersion: version, acceptedAt: nil)
                    try await store.acceptDesired(
                        ["thermostat1": target, "thermostat2": target], version: version, hub: testHub)
                    try await store.raiseMaximum("thermostat1", to: Double(version), bootID: "boot")
                    write(Array("\(version)".utf8), to: place + "/finished")
                }
            }
            let finished = Int64(String(decoding: contents(place + "/finished"), as: UTF8.self)) ?? 0
            let store = await openStore(.file(place + "/state.db"))
            #expect(store.opening.isEmpty)
            let version = try await store.desiredVersion(hub: testHub) ?? 0
            #expect(version >= finished)
            #expect(version <= max(finished, last) + 1)
            for thermostat in ["thermostat1", "thermostat2"] {
                let target = try await store.target(thermostat, hub: testHub)
                #expect(target?.desiredVersion == (version == 0 ? nil : version))
                #expect(target?.celsius == (version == 0 ? nil : Double(version)))
            }
            let maximum = try await store.maximumTemperature("thermostat1", bootID: "boot") ?? 0
            #expect(maximum >= Double(finished))
            last = version
            await store.close()
        }
    }

    @Test("A second process that opens the same file works, and sees and is seen")
    func secondProcess() async throws {
        let place = meetingPlace("second", of: getpid())
        removeTree(place)
        defer { removeTree(place) }
        let store = await openStore(.file(place + "/state.db"))
        try await store.setDesiredVersion(41, hub: testHub)
        await #expect(processExitsWith: .exitCode(7)) {
            let store = await openStore(.file(meetingPlace("second", of: getppid()) + "/state.db"))
            let version = try await store.desiredVersion(hub: testHub)
            try await store.setDesiredVersion(42, hub: testHub)
            exit(version == 41 && store.opening.isEmpty ? 7 : 1)
        }
        #expect(try await store.desiredVersion(hub: testHub) == 42)
        #expect(try await store.target("thermostat1", hub: testHub) == nil)
    }

    @Test("A writer that never lets go is a clear error after the busy timeout; reading goes on")
    func busy() async throws {
        let directory = TemporaryDirectory()
        let store = await openStore(.file(directory.file("state.db")))
        try await store.setDesiredVersion(1, hub: testHub)
        let holder = try Database(file: directory.file("state.db"), access: .readWrite)
        try holder.run("BEGIN IMMEDIATE")
        let failure = await #expect(throws: StoreError.self) {
            try await store.setDesiredVersion(2, hub: testHub)
        }
        #expect(failure?.kind == .busy)
        #expect(failure?.description.contains("other program") == true)
        #expect(try await store.desiredVersion(hub: testHub) == 1)
        try holder.run("ROLLBACK")
        try await store.setDesiredVersion(2, hub: testHub)
        #expect(try await store.desiredVersion(hub: testHub) == 2)
    }

    @Test("A directory that cannot be written: memory, with what the file held, and the file unchanged")
    func readOnlyDirectory() async throws {
        let place = openPlace("readonly")
        defer { removeTree(place) }
        await #expect(processExitsWith: .exitCode(7)) {
            // Root may write anywhere, so the child becomes nobody first.
            if getuid() == 0 { try #require(setuid(65_534) == 0) }
            let place = meetingPlace("readonly", of: getppid())
            let path = place + "/state/state.db"
            let target = StoredTarget(celsius: 17, desiredVersion: 5, acceptedAt: nil)
            let first = await openStore(.file(path))
            try await first.acceptDesired(["thermostat1": target], version: 5, hub: testHub)
            await first.close()
            let before = contents(path)
            for (fileMode, directoryMode): (mode_t, mode_t) in [
                (0o600, 0o500), (0o400, 0o500), (0o400, 0o700),
            ] {
                chmod(path, fileMode)
                chmod(place + "/state", directoryMode)
                let store = await openStore(.file(path))
                guard case .inMemory(let error, carriedOver: true)? = store.opening.last else {
                    write(Array("\(fileMode) \(directoryMode) \(store.opening)".utf8), to: place + "/why")
                    exit(1)
                }
                guard error.kind == .readOnly || error.kind == .permission else { exit(2) }
                guard try await store.target("thermostat1", hub: testHub) == target else { exit(3) }
                try await store.setDesiredVersion(6, hub: testHub)
                guard try await store.desiredVersion(hub: testHub) == 6 else { exit(4) }
                await store.close()
                guard contents(path) == before, await !store.isDurable else { exit(5) }
                chmod(place + "/state", 0o700)
            }
            exit(listing(place + "/state") == ["state.db"] ? 7 : 6)
        }
    }

    @Test("A read-only place left by a killed process: the last commits, still in the log, are used too")
    func readOnlyWithLog() async throws {
        let place = openPlace("readonly-log")
        defer { removeTree(place) }
        await #expect(processExitsWith: .exitCode(7)) {
            if getuid() == 0 { try #require(setuid(65_534) == 0) }
            let place = meetingPlace("readonly-log", of: getppid())
            let live = await openStore(.file(place + "/live/state.db"))
            try await live.setDesiredVersion(9, hub: testHub)
            // What a kill leaves is what lies there now.
            mkdir(place + "/left", 0o700)
            for name in listing(place + "/live") {
                write(contents(place + "/live/" + name), to: place + "/left/" + name)
                chmod(place + "/left/" + name, 0o400)
            }
            chmod(place + "/left", 0o500)
            let store = await openStore(.file(place + "/left/state.db"))
            guard case .inMemory(_, carriedOver: true)? = store.opening.last else { exit(1) }
            let version = try await store.desiredVersion(hub: testHub)
            chmod(place + "/left", 0o700)
            exit(version == 9 ? 7 : 2)
        }
    }

    @Test("A file that another user owned: it is used when it is given back, and what that replaces is said")
    func unreadable() async throws {
        let place = openPlace("unreadable")
        defer { removeTree(place) }
        await #expect(processExitsWith: .exitCode(7)) {
            if getuid() == 0 { try #require(setuid(65_534) == 0) }
            let place = meetingPlace("unreadable", of: getppid())
            for isEmpty in [false, true] {
                let path = place + "/\(isEmpty)/state.db"
                let first = await openStore(.file(path))
                if !isEmpty { try await first.setDesiredVersion(5, hub: testHub) }
                await first.close()
                chmod(path, 0)
                let store = await openStore(.file(path))
                guard case .inMemory(_, carriedOver: false)? = store.opening.last else { exit(1) }
                try await store.setDesiredVersion(6, hub: testHub)
                guard await !store.recover(at: nil) else { exit(2) }
                chmod(path, 0o600)
                guard await store.recover(at: nil) else { exit(3) }
                guard try await store.desiredVersion(hub: testHub) == 6 else { exit(4) }
                await store.close()
                let said = await store.notices.reduce(into: []) { $0.append($1) }
                guard said == [.recovered(path: path, replaced: !isEmpty)] else { exit(5) }
            }
            exit(7)
        }
    }

    @Test("A disk without a byte left: memory, with the reason")
    func fullDisk() async throws {
        let place = meetingPlace("full", of: getpid())
        removeTree(place)
        defer { removeTree(place) }
        await #expect(processExitsWith: .exitCode(7)) {
            // A file size limit of nothing stops every write, as a full disk does.
            signal(SIGXFSZ, SIG_IGN)
            var none = rlimit(rlim_cur: 0, rlim_max: 0)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &none)
            let store = await openStore(.file(meetingPlace("full", of: getppid()) + "/state.db"))
            guard case .inMemory(let error, carriedOver: false)? = store.opening.last else { exit(1) }
            guard error.kind == .full else { exit(2) }
            try await store.setDesiredVersion(6, hub: testHub)
            exit(try await store.desiredVersion(hub: testHub) == 6 ? 7 : 3)
        }
    }
}

/// A thread that is not one of the pool's, which a busy test could hold up.
private enum Thread {
    static func detach(_ body: @escaping @Sendable () -> Void) {
        DispatchQueue(label: "killer").async(execute: body)
    }
}
