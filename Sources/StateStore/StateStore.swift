// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// What must outlive the process: targets, twin versions, confirmed reports, maxima.
///
/// Every call runs on the executor it was given, a thread of its own, because a disk can block for seconds.
package actor StateStore {
    private nonisolated let executor: any SerialExecutor
    /// What there was to say when the store was opened; log it.
    package nonisolated let opening: [StoreNotice]
    /// What happens to the store afterwards; log it. For one consumer.
    package nonisolated let notices: AsyncStream<StoreNotice>
    private let announce: AsyncStream<StoreNotice>.Continuation

    /// The executor that every call runs on.
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Opens the store, and never fails: see ``opening`` for what had to be done.
    ///
    /// - Parameter wall: The civil time for the name of a file that has to be set aside.
    package static func open(
        _ location: StoreLocation, executor: any SerialExecutor, at wall: WallTime?
    ) async -> StateStore {
        StateStore(executor: executor, opening: [])
    }

    private init(executor: any SerialExecutor, opening: [StoreNotice]) {
        self.executor = executor
        self.opening = opening
        (notices, announce) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(16))
    }

    /// Whether what is stored outlives the process.
    package var isDurable: Bool { false }

    /// The target last accepted for a thermostat, such as `thermostat1`.
    package func target(_ thermostat: String, hub: HubKey) throws(StoreError) -> StoredTarget? { nil }

    /// Stores a target that did not come with a desired version to remember, for example a local one.
    package func setTarget(_ target: StoredTarget, for thermostat: String, hub: HubKey) throws(StoreError) {}

    /// The `$version` of the desired properties last handled completely, or `nil` before the first.
    package func desiredVersion(hub: HubKey) throws(StoreError) -> Int64? { nil }

    /// Stores the version of a patch that changed no target. A lower version replaces a higher one: a twin can be made anew.
    package func setDesiredVersion(_ version: Int64, hub: HubKey) throws(StoreError) {}

    /// Stores the outcome of one desired patch in one transaction: all targets it set, by thermostat, and its version.
    package func acceptDesired(
        _ targets: [String: StoredTarget], version: Int64, hub: HubKey
    ) throws(StoreError) {}

    /// The reported values that the hub has confirmed, by path such as `thermostat1.targetTemperature`, as JSON text.
    package func confirmedReports(hub: HubKey) throws(StoreError) -> [String: String] { [:] }

    /// Stores that the hub has confirmed reported values, by path, as JSON text.
    package func confirmReports(_ values: [String: String], hub: HubKey) throws(StoreError) {}

    /// Forgets what the hub has confirmed, for a twin that was made anew.
    package func forgetConfirmedReports(hub: HubKey) throws(StoreError) {}

    /// The highest temperature of a thermostat since the kernel's boot `bootID`, in degrees Celsius.
    package func maximumTemperature(_ thermostat: String, bootID: String) throws(StoreError) -> Double? { nil }

    /// Raises the highest temperature since the kernel's boot; a new boot id starts anew. Returns whether it rose.
    @discardableResult
    package func raiseMaximum(
        _ thermostat: String, to celsius: Double, bootID: String
    ) throws(StoreError) -> Bool { false }

    /// Writes everything to the disk and closes; every later call throws `.closed`.
    package func close() { announce.finish() }
}
