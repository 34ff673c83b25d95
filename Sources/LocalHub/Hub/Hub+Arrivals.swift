// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The numbers of one stream of messages that arrived.
public struct Arrivals: Sendable, Hashable, CustomStringConvertible {
    /// The numbers, each once.
    public private(set) var numbers: Set<Int> = []
    /// How many came more than once.
    public private(set) var repeats = 0

    /// The highest number; 0 before the first.
    public private(set) var highest = 0

    /// The numbers that are missing below the highest.
    public var gaps: [Int] { highest < 1 ? [] : (1...highest).filter { !numbers.contains($0) } }

    /// The text that people read.
    public var description: String {
        "\(numbers.count) numbers to \(highest), \(repeats) repeats, missing \(gaps.prefix(20))"
    }

    mutating func insert(_ number: Int) {
        if !numbers.insert(number).inserted { repeats += 1 }
        highest = max(highest, number)
    }
}

extension Hub {
    /// What arrived of each stream of numbered messages, by device and stream.
    ///
    /// A message id like `1a2b3c4d-thermostat1-17` has series, stream and number; numbers go on over a change of series. A
    /// message with another id is left out.
    public func arrivals() -> [String: Arrivals] {
        var arrivals: [String: Arrivals] = [:]
        for record in telemetryLog.records {
            let parts = record.systemProperties["$.mid"]?.split(separator: "-") ?? []
            guard parts.count == 3, let number = Int(parts[2]), number > 0 else { continue }
            arrivals["\(record.deviceId)/\(parts[1])", default: Arrivals()].insert(number)
        }
        return arrivals
    }

    /// Whether each of so many streams got everything up to at least `number`, without a gap.
    public func hasAll(upTo number: Int, streams: Int) -> Bool {
        let arrivals = arrivals()
        return arrivals.count == streams
            && arrivals.values.allSatisfy { $0.highest >= number && $0.numbers.count == $0.highest }
    }
}
