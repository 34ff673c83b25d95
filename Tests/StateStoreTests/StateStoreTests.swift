// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Dispatch
import Quantities
import Testing

@testable import StateStore

@Suite("StateStore") struct StateStoreTests {
    private let target = StoredTarget(celsius: 21.5, desiredVersion: 7, acceptedAt: testTime)

    @Test("A target, its version and its time survive closing and opening again")
    func targetSurvives() async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("state.db")
        let first = await openStore(.file(path))
        #expect(first.opening.isEmpty)
        #expect(await first.isDurable)
        #expect(try await first.target("thermostat1", hub: testHub) == nil)
        try await first.setTarget(target, for: "thermostat1", hub: testHub)
        await first.close()

        let second = await openStore(.file(path))
        #expect(try await second.target("thermostat1", hub: testHub) == target)
        #expect(try await second.target("thermostat2", hub: testHub) == nil)
    }

    @Test("A target without version and time is read back without them, and the last one stored counts")
    func bareTarget() async throws {
        let store = await openStore(.memory)
        try await store.setTarget(target, for: "thermostat1", hub: testHub)
        let bare = StoredTarget(celsius: -40, desiredVersion: nil, acceptedAt: nil)
        try await store.setTarget(bare, for: "thermostat1", hub: testHub)
        #expect(try await store.target("thermostat1", hub: testHub) == bare)
    }

    @Test("Hub and device id keep state apart, and a host name has no case")
    func keys() async throws {
        let store = await openStore(.memory)
        try await store.acceptDesired(["thermostat1": target], version: 7, hub: testHub)
        let shouted = HubKey(hub: "EXAMPLE.AZURE-DEVICES.NET", deviceID: "Device-1")
        #expect(try await store.target("thermostat1", hub: shouted) == target)
        #expect(try await store.desiredVersion(hub: shouted) == 7)
        for other in [
            HubKey(hub: "other.azure-devices.net", deviceID: "Device-1"),
            HubKey(hub: "example.azure-devices.net", deviceID: "device-1"),
        ] {
            #expect(try await store.target("thermostat1", hub: other) == nil)
            #expect(try await store.desiredVersion(hub: other) == nil)
            #expect(try await store.confirmedReports(hub: other).isEmpty)
        }
    }

    @Test("A desired patch stores all of its targets and its version, or nothing")
    func desiredIsAtomic() async throws {
        let store = await openStore(.memory)
        try await store.acceptDesired(["thermostat1": target], version: 7, hub: testHub)
        let bad = StoredTarget(celsius: .nan, desiredVersion: 8, acceptedAt: nil)
        let good = StoredTarget(celsius: 30, desiredVersion: 8, acceptedAt: nil)
        for _ in 0..<8 {  // a dictionary's order differs from run to run
            let failure = await #expect(throws: StoreError.self) {
                try await store.acceptDesired(
                    ["thermostat1": good, "thermostat2": bad], version: 8, hub: testHub)
            }
            #expect(failure?.kind == .invalidValue)
            #expect(failure?.operation == "store desired version 8")
        }
        #expect(try await store.target("thermostat1", hub: testHub) == target)
        #expect(try await store.desiredVersion(hub: testHub) == 7)
        try await store.acceptDesired(["thermostat1": good], version: 8, hub: testHub)
        #expect(try await store.target("thermostat1", hub: testHub) == good)
    }

    @Test("A lower desired version replaces a higher one, for a twin made anew")
    func versionFallsBack() async throws {
        let store = await openStore(.memory)
        #expect(try await store.desiredVersion(hub: testHub) == nil)
        try await store.setDesiredVersion(40, hub: testHub)
        try await store.setDesiredVersion(1, hub: testHub)
        #expect(try await store.desiredVersion(hub: testHub) == 1)
    }

    @Test("Confirmed reports are kept by path until they are forgotten")
    func reports() async throws {
        let store = await openStore(.memory)
        let awkward = #"{"value":21.5,"ad":"Zürich \"ok\" 🌡 '; DROP TABLE target; --"}"#
        try await store.confirmReports(["serialNumber": "\"a\"", "thermostat1.x": awkward], hub: testHub)
        try await store.confirmReports(["serialNumber": "\"b\""], hub: testHub)
        #expect(
            try await store.confirmedReports(hub: testHub) == [
                "serialNumber": "\"b\"", "thermostat1.x": awkward,
            ])
        try await store.forgetConfirmedReports(hub: testHub)
        #expect(try await store.confirmedReports(hub: testHub).isEmpty)
    }

    @Test("Text with a NUL inside is kept whole")
    func embeddedNUL() async throws {
        let store = await openStore(.memory)
        try await store.confirmReports(["a\0b": "c\0d"], hub: testHub)
        #expect(try await store.confirmedReports(hub: testHub) == ["a\0b": "c\0d"])
    }

    @Test("The maximum only rises, per thermostat, and a new boot starts anew")
    func maximum() async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("state.db")
        let store = await openStore(.file(path))
        #expect(try await store.maximumTemperature("thermostat1", bootID: "a") == nil)
        #expect(try await store.raiseMaximum("thermostat1", to: -5, bootID: "a"))
        #expect(try await store.raiseMaximum("thermostat1", to: 20, bootID: "a"))
        #expect(try await !store.raiseMaximum("thermostat1", to: 20, bootID: "a"))
        #expect(try await !store.raiseMaximum("thermostat1", to: 19.9, bootID: "a"))
        #expect(try await store.raiseMaximum("thermostat2", to: 3, bootID: "a"))
        await store.close()

        let again = await openStore(.file(path))
        #expect(try await again.maximumTemperature("thermostat1", bootID: "a") == 20)
        #expect(try await again.maximumTemperature("thermostat2", bootID: "a") == 3)
        #expect(try await again.maximumTemperature("thermostat1", bootID: "b") == nil)
        #expect(try await again.raiseMaximum("thermostat1", to: 4, bootID: "b"))
        #expect(try await again.maximumTemperature("thermostat1", bootID: "b") == 4)
        #expect(try await again.maximumTemperature("thermostat1", bootID: "a") == nil)
    }

    @Test(
        "What is not finite is refused, never stored as null", arguments: [Double.nan, .infinity, -.infinity])
    func notFinite(value: Double) async throws {
        let store = await openStore(.memory)
        let bad = StoredTarget(celsius: value, desiredVersion: nil, acceptedAt: nil)
        await #expect(throws: StoreError.self) {
            try await store.setTarget(bad, for: "thermostat1", hub: testHub)
        }
        await #expect(throws: StoreError.self) {
            try await store.raiseMaximum("thermostat1", to: value, bootID: "a")
        }
        #expect(try await store.target("thermostat1", hub: testHub) == nil)
        #expect(try await store.maximumTemperature("thermostat1", bootID: "a") == nil)
    }

    @Test("A closed store says so and its notices end")
    func closed() async throws {
        let store = await openStore(.memory)
        await store.close()
        let failure = await #expect(throws: StoreError.self) { try await store.desiredVersion(hub: testHub) }
        #expect(failure?.kind == .closed)
        for await notice in store.notices { Issue.record("unexpected notice: \(notice)") }
    }

    @Test("Every call runs on the executor that was given")
    func executor() async throws {
        let executor = QueueExecutor()
        let key = DispatchSpecificKey<Bool>()
        executor.queue.setSpecific(key: key, value: true)
        let store = await StateStore.open(.memory, executor: executor, at: nil)
        let onQueue = try await store.perform("look") { _ in DispatchQueue.getSpecific(key: key) }
        #expect(onQueue == true)
        #expect(DispatchQueue.getSpecific(key: key) == nil)
    }

    @Test("A maximum leaves the next target with its sync")
    func synchronousIsRestored() async throws {
        let store = await openStore(.memory)
        try await store.raiseMaximum("thermostat1", to: 1, bootID: "a")
        let level = try await store.perform("look") { (database) throws(StoreError) in
            try database.integer("PRAGMA synchronous")
        }
        #expect(level == 2)  // FULL
    }
}
