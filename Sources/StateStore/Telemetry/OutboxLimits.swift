// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// How much telemetry may wait for its acknowledgement.
package struct OutboxLimits: Sendable, Hashable {
    /// The most bytes that waiting rows may take on disk.
    package var bytes: Int
    /// How old a waiting row may get.
    package var age: Duration
    /// The most bytes that waiting rows may take in the young tier, where the disk takes none.
    package var youngBytes: Int

    /// Makes limits: 32 MB and 7 days on disk, 8 MB in the young tier, where nothing else is asked for.
    package init(
        bytes: Int = 32_000_000, age: Duration = .seconds(7 * 86_400), youngBytes: Int = 8_000_000
    ) {
        self.bytes = bytes
        self.age = age
        self.youngBytes = youngBytes
    }

    /// What a waiting row takes in a file, index and slack included: the upper end of what was measured.
    static let bytesPerRow = 96

    /// The most rows on disk, at least 16.
    var rows: Int { max(bytes / Self.bytesPerRow, 16) }

    /// The most rows in the young tier, at least 16.
    var youngRows: Int { max(youngBytes / Self.bytesPerRow, 16) }
}
