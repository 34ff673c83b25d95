// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What a machine shows of its clock besides the time.
public struct ClockSigns: Sendable {
    /// Whether the kernel calls its clock synchronised; `nil` where it may not be asked.
    public var kernelIsSynchronised: Bool?
    /// Whether a time service has left its mark that it set the clock in this boot.
    public var hasMark: Bool
    /// Asks others whether a time service holds the clock; only where the kernel may not be asked and nothing else vouches.
    public var timeService: @Sendable () -> Bool
    /// Reads the clock chip from which the kernel took the time at the boot; `nil` where there is none.
    ///
    /// Asked for only where nothing else vouches for the clock, because the chip may be on a slow bus.
    public var hardwareClock: @Sendable () -> WallTime?

    /// Makes signs from their parts; without any, nothing vouches for the clock.
    public init(
        kernelIsSynchronised: Bool? = nil, hasMark: Bool = false,
        hardwareClock: @escaping @Sendable () -> WallTime? = { nil },
        timeService: @escaping @Sendable () -> Bool = { false }
    ) {
        self.kernelIsSynchronised = kernelIsSynchronised
        self.hasMark = hasMark
        self.timeService = timeService
        self.hardwareClock = hardwareClock
    }
}
