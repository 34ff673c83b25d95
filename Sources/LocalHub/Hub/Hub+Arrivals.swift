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

/// What arrived of each stream, counted on from the last look: looking after every message must not cost more and more.
struct ArrivalCount: Sendable {
    private(set) var streams: [String: Arrivals] = [:]
    private var lastSequence = 0

    /// Counts what the log got since the last look.
    mutating func look(at log: BoundedLog<TelemetryRecord>) {
        for record in log.after(lastSequence) {
            let parts = record.systemProperties["$.mid"]?.split(separator: "-") ?? []
            guard parts.count == 3, let number = Int(parts[2]), number > 0 else { continue }
            streams["\(record.deviceId)/\(parts[1])", default: Arrivals()].insert(number)
        }
        lastSequence = log.total
    }
}

extension Hub {
    /// What arrived of each stream of numbered messages, by device and stream.
    ///
    /// A message id like `1a2b3c4d-thermostat1-17` has series, stream and number; numbers go on over a change of series. A
    /// message with another id is left out. Counted is what the log holds at the first look, and all that came since.
    public func arrivals() -> [String: Arrivals] {
        arrivalCount.look(at: telemetryLog)
        return arrivalCount.streams
    }

    /// Whether each of so many streams got everything up to at least `number`, without a gap.
    public func hasAll(upTo number: Int, streams: Int) -> Bool {
        let arrivals = arrivals()
        return arrivals.count == streams
            && arrivals.values.allSatisfy { $0.highest >= number && $0.numbers.count == $0.highest }
    }
}
