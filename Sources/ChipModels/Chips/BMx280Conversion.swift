// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Simulation

/// The measuring side of a simulated BME280 or BMP280: control registers, modes, filter and data registers.
///
/// BST-BME280-DS002, 3.3 (modes), 3.4 (measurement flow), 9.1 (measurement time).
struct BMx280Conversion<Variant: BMx280ModelVariant>: Sendable {
    /// What is measured; a measurement takes what is true at its end.
    var ambient: Ambient
    private let slowness: Double

    /// osrs_h as written; it takes effect with the next write of ctrl_meas.
    private(set) var ctrlHum: UInt8 = 0
    private(set) var ctrlMeas: UInt8 = 0
    private(set) var config: UInt8 = 0
    private var humidityOversampling: UInt8 = 0
    /// A command that waits for the end of the measurement under way.
    private var pendingCtrlMeas: UInt8?
    private var measurementEnd: ContinuousClock.Instant?
    /// When the next measurement of normal mode begins.
    private var standbyEnd: ContinuousClock.Instant?

    /// Codes that mean "not measured", which is also what the registers hold after reset.
    private var adcP: Int64 = 0x80000
    private var adcT: Int64 = 0x80000
    private var adcH: Int64 = 0x8000
    /// The memory of the IIR filter; `nil` until it is filled.
    private var filtered: (adcT: Int64, adcP: Int64)?

    private let trimming = BMx280Trimming()

    init(ambient: Ambient, slowness: Double) {
        self.ambient = ambient
        self.slowness = slowness
    }

    var isMeasuring: Bool { measurementEnd != nil }

    /// The data registers from 0xF7 on.
    var data: [UInt8] {
        let codes = [adcP >> 12, adcP >> 4, adcP << 4 & 0xF0, adcT >> 12, adcT >> 4, adcT << 4 & 0xF0]
        let humidity = Variant.measuresHumidity ? [adcH >> 8, adcH] : []
        return (codes + humidity).map(UInt8.init(truncatingIfNeeded:))
    }

    mutating func write(ctrlHum byte: UInt8) {
        // Ignored until a command that waits has been executed.
        if pendingCtrlMeas == nil { ctrlHum = byte & 0x07 }
    }

    mutating func write(config byte: UInt8) {
        if ctrlMeas & 0b11 != 0b11 { config = byte & 0xFD }
    }

    mutating func write(ctrlMeas byte: UInt8, at now: ContinuousClock.Instant) {
        advance(to: now)
        if isMeasuring {
            // Further commands are ignored until this one has been executed.
            pendingCtrlMeas = pendingCtrlMeas ?? byte
        } else {
            execute(byte, at: now)
        }
    }

    /// Ends and begins the measurements that are due by `now`.
    mutating func advance(to now: ContinuousClock.Instant) {
        while true {
            // Not once before all: a command that waits may begin normal mode long before now.
            skipCycles(before: now)
            if let end = measurementEnd, end <= now {
                finish(at: end)
            } else if let begin = standbyEnd, begin <= now {
                measure(from: begin)
            } else {
                return
            }
        }
    }
}

extension BMx280Conversion {
    private var oversamplingT: Int { Int(ctrlMeas >> 5) }
    private var oversamplingP: Int { Int(ctrlMeas >> 2 & 0b111) }
    private var standby: Duration { Variant.standbyTimes[Int(config >> 5)] }

    /// 1, 2, 4, 8 or 16.
    private var filterCoefficient: Int64 { [1, 2, 4, 8, 16, 16, 16, 16][Int(config >> 2 & 0b111)] }

    /// The typical measurement time, times the slowness of this chip.
    private var measurementTime: Duration {
        let samples = [0, 1, 2, 4, 8, 16, 16, 16]
        let brackets = [samples[oversamplingP], samples[Int(humidityOversampling)]]
            .map { $0 == 0 ? 0 : 2000 * $0 + 500 }
        return .microseconds(1000 + 2000 * samples[oversamplingT] + brackets[0] + brackets[1]) * slowness
    }

    private mutating func execute(_ byte: UInt8, at now: ContinuousClock.Instant) {
        ctrlMeas = byte
        humidityOversampling = ctrlHum
        (measurementEnd, standbyEnd) = (nil, nil)
        if byte & 0b11 != 0 { measure(from: now) }
    }

    private mutating func measure(from begin: ContinuousClock.Instant) {
        standbyEnd = nil
        measurementEnd = begin.advanced(by: measurementTime)
    }

    private mutating func finish(at end: ContinuousClock.Instant) {
        measurementEnd = nil
        takeData()
        let isNormal = ctrlMeas & 0b11 == 0b11
        if !isNormal { ctrlMeas &= ~0b11 }
        if let byte = pendingCtrlMeas {
            pendingCtrlMeas = nil
            execute(byte, at: end)
        } else if isNormal {
            standbyEnd = end.advanced(by: standby)
        }
    }

    /// Leaves out cycles of normal mode that nobody can see: after a thousand even the slowest filter has settled.
    private mutating func skipCycles(before now: ContinuousClock.Instant) {
        guard ctrlMeas & 0b11 == 0b11, pendingCtrlMeas == nil, let due = measurementEnd ?? standbyEnd,
            due <= now
        else { return }
        let cycle = measurementTime + standby
        let cycles = (due.duration(to: now) / cycle).rounded(.down)
        guard cycles > 1000 else { return }
        let left = cycle * (cycles - 1000)
        measurementEnd = measurementEnd?.advanced(by: left)
        standbyEnd = standbyEnd?.advanced(by: left)
    }

    private mutating func takeData() {
        let codeT = trimming.adcT(celsius: ambient.celsius)
        let codeP = trimming.adcP(pascals: ambient.pascals, adcT: codeT)
        adcH =
            humidityOversampling == 0
            ? 0x8000 : trimming.adcH(percent: ambient.relativeHumidity, adcT: codeT)
        let coefficient = filterCoefficient
        if coefficient > 1 {
            let old = filtered ?? (codeT, codeP)
            let new = (
                adcT: (old.adcT * (coefficient - 1) + codeT) / coefficient,
                adcP: (old.adcP * (coefficient - 1) + codeP) / coefficient
            )
            filtered = new
            (adcT, adcP) = new
        } else {
            filtered = nil
            adcT = Self.rounded(codeT, oversampling: oversamplingT)
            adcP = Self.rounded(codeP, oversampling: oversamplingP)
        }
        if oversamplingT == 0 { adcT = 0x80000 }
        if oversamplingP == 0 { adcP = 0x80000 }
    }

    /// Without the filter a result has 16 bits, and one more with each doubling of the samples; the others read 0.
    ///
    /// BST-BMP280-DS001, tables 4 and 5.
    private static func rounded(_ code: Int64, oversampling: Int) -> Int64 {
        let step = Int64(1) << Int64(5 - min(max(oversampling, 1), 5))
        return min((code + step / 2) / step * step, 0x100000 - step)
    }
}
