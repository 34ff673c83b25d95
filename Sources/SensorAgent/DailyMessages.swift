// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles
import IoTHub
import LinuxHost
import PlugAndPlay
import Quantities

/// The billable messages of one day of a configuration, against what its hub takes.
struct DailyMessages {
    private let hub: HubConfiguration?
    private let load: MessageBudget.Load

    /// Computes the day of a configuration.
    init(_ configuration: AgentConfiguration) {
        hub = configuration.hub
        let thermostats =
            configuration.sensors.isEmpty
            ? ThermostatID.allCases.count
            : [configuration.thermostat1, configuration.thermostat2].count { $0.sensor != nil }
        let temperature = Telemetry.temperature(of: .thermostat1).message(-19.999_999, simulated: true)
        let memory = Telemetry.workingSet.message(123_456, simulated: true)
        let messages = Array(repeating: temperature, count: thermostats) + [memory]
        load = MessageBudget.Load(
            interval: configuration.telemetry.interval,
            streams: messages.map { ($0.billableSize ?? 0) + Self.spare },
            connections: MessageBudget.Load.connections(tokenLifetime: configuration.hub?.tokenLifetime))
    }

    /// Message id, sequence number and time of a message that had to wait, in bytes.
    private static let spare = 120

    private var meter: MessageMeter { hub?.meter ?? .paid }

    /// Opens the account of the running program.
    func account(saved: String?, time: any TimeSource) -> MessageAccount {
        MessageAccount(
            meter: meter, interval: load.interval, round: MessageBudget.round(load, meter), saved: saved,
            time: time)
    }

    /// The figure, and what follows from it, for people.
    var text: String {
        let figure = "about \(MessageBudget(load, meter).total.grouped) billable a day"
        guard meter.perDay != nil else {
            let free = MessageBudget(load, .free).total
            guard free > MessageMeter.free.perDay ?? .max else { return figure }
            return "\(figure); a free hub takes \(8_000.grouped) in all. Set hub.tier to be warned."
        }
        return "\(figure), \(judgement)"
    }

    /// What is wrong where the day does not fit; `nil` where it does or nobody has said what fits.
    var warning: String? {
        guard let limit = meter.perDay, MessageBudget(load, meter).total > limit else { return nil }
        return
            "This configuration makes about \(MessageBudget(load, meter).total.grouped) billable messages a day, "
            + "\(judgement)"
    }

    private var judgement: String {
        let limit = meter.perDay ?? .max
        let source = hub?.dailyMessages == nil ? "the hub's tier" : "hub.daily-messages"
        guard MessageBudget(load, meter).total > limit else {
            return "within the \(limit.grouped) of \(source)."
        }
        let end = "near the limit telemetry is slowed down."
        guard let interval = MessageBudget.shortestInterval(load, meter), interval <= .seconds(86_400) else {
            return "more than the \(limit.grouped) of \(source), whatever the interval; \(end)"
        }
        return "more than the \(limit.grouped) of \(source). Set telemetry.interval to at least "
            + "\(interval.components.seconds)s; without that, \(end)"
    }
}

extension HubConfiguration {
    /// How this hub counts; where only the share is told, as a hub that is paid for.
    fileprivate var meter: MessageMeter {
        var meter: MessageMeter =
            switch tier {
            case .free: .free
            case .B1, .S1: .first
            case .B2, .S2: .second
            case .B3, .S3: .third
            case nil: .paid
            }
        meter.perDay = dailyMessages ?? meter.perDay
        return meter
    }
}

extension Int {
    /// The number with a comma between groups of three digits.
    var grouped: String {
        let digits = Array(String(magnitude))
        let groups = digits.indices.map { index in
            (digits.count - index).isMultiple(of: 3) && index > 0 ? ",\(digits[index])" : "\(digits[index])"
        }
        return (self < 0 ? "-" : "") + groups.joined()
    }
}

extension NoteFile {
    /// Replaces the line; what went wrong, or `nil`.
    func keep(_ text: String) -> String? {
        do throws(HostError) {
            try write(text)
            return nil
        } catch {
            return error.description
        }
    }
}

extension ClockFile {
    /// Remembers a time; what went wrong, or `nil`.
    func keep(_ time: WallTime) -> String? {
        do throws(HostError) {
            try write(time)
            return nil
        } catch {
            return error.description
        }
    }
}
