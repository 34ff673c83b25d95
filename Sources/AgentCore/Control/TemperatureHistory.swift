// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The temperatures of one thermostat since the program started, bounded; the oldest give way.
///
/// Samples are kept by the monotonic clock, and turned into civil time only when asked, so that a clock that is set
/// late or stepped moves no sample in relation to the others.
package struct TemperatureHistory: Sendable {
    /// Extremes and mean of a span, with the times of its first and last sample.
    package struct Summary: Sendable, Hashable {
        /// The highest temperature, °C.
        package var maximum: Double
        /// The lowest temperature, °C.
        package var minimum: Double
        /// The arithmetic mean of the samples, °C.
        package var average: Double
        /// When the first sample of the span was taken.
        package var start: ContinuousClock.Instant
        /// When the last sample of the span was taken.
        package var end: ContinuousClock.Instant
    }

    private struct Sample {
        var takenAt: ContinuousClock.Instant
        var celsius: Double
    }

    private let capacity: Int
    private var samples: [Sample] = []
    private var oldest = 0

    /// The number of samples held.
    package var count: Int { samples.count }

    /// Makes an empty history of at most `capacity` samples; three and a half days at one each 8 s by default.
    package init(capacity: Int = 37_800) {
        self.capacity = max(1, capacity)
    }

    /// Adds a sample, which must not be older than the one before.
    package mutating func record(celsius: Double, at takenAt: ContinuousClock.Instant) {
        let sample = Sample(takenAt: takenAt, celsius: celsius)
        if samples.count < capacity {
            samples.append(sample)
        } else {
            samples[oldest] = sample
            oldest = (oldest + 1) % capacity
        }
    }

    /// Whether a sample from before `start` is still held, so that none after it is missing.
    package func reaches(back start: ContinuousClock.Instant) -> Bool {
        !samples.isEmpty && samples[oldest].takenAt < start
    }

    /// What the samples taken at or after `start` amount to; `nil` where there is none.
    package func summary(since start: ContinuousClock.Instant) -> Summary? {
        var summary: Summary?
        var sum = 0.0
        var count = 0
        for index in 0..<samples.count {
            let sample = samples[(oldest + index) % samples.count]
            guard sample.takenAt >= start else { continue }
            sum += sample.celsius
            count += 1
            guard var known = summary else {
                summary = Summary(
                    maximum: sample.celsius, minimum: sample.celsius, average: 0, start: sample.takenAt,
                    end: sample.takenAt)
                continue
            }
            known.maximum = max(known.maximum, sample.celsius)
            known.minimum = min(known.minimum, sample.celsius)
            known.end = sample.takenAt
            summary = known
        }
        summary?.average = sum / Double(max(count, 1))
        return summary
    }
}
