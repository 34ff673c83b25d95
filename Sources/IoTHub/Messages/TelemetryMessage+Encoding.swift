// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

extension TelemetryMessage {
    /// What the hub accepts: body, property names and values together (protocol reference 6).
    static let maximumSize = 262_144

    /// The topic and payload to publish; throws `.invalidMessage` where the hub would close the connection.
    func encoded(deviceID: String) throws(HubError) -> (topic: String, payload: [UInt8]) {
        var bag = PropertyBag(application: properties)
        bag.system[.messageID] = messageID
        let payload: [UInt8]
        switch body {
        case .json(let value):
            guard value.isEncodable else { throw Self.invalid("a number in it is not finite") }
            bag.system[.contentType] = "application/json"
            bag.system[.contentEncoding] = "utf-8"
            payload = value.encoded()
        case .bytes(let bytes, let contentType, let contentEncoding):
            bag.system[.contentType] = contentType
            bag.system[.contentEncoding] = contentEncoding
            payload = bytes
        }
        if let component { bag.application.append(Property(name: "$.sub", value: component)) }
        if let text = createdAt?.iso8601UTC {
            bag.application.append(Property(name: "iothub-creation-time-utc", value: text))
        }
        guard (messageID?.count ?? 0) <= 128 else {
            throw Self.invalid("its message id is longer than 128 characters")
        }
        guard payload.count + bag.size <= Self.maximumSize else {
            throw Self.invalid("it has more than \(Self.maximumSize) bytes; send less at once")
        }
        let topic = HubTopic.telemetry(deviceID: deviceID, properties: bag)
        guard topic.utf8.count <= 65_535 else {
            throw Self.invalid("its properties are too long; send fewer")
        }
        return (topic, payload)
    }

    private static func invalid(_ reason: String) -> HubError {
        HubError(.invalidMessage, "The message cannot be sent: \(reason).")
    }
}

extension WallTime {
    /// `2024-05-06T07:08:09.123Z`; `nil` outside of the years 0 to 9999.
    var iso8601UTC: String? {
        let (days, milliseconds) = millisecondsSince1970.flooredQuotientAndRemainder(dividingBy: 86_400_000)
        guard (-719_528..<2_932_897).contains(days) else { return nil }
        // Days to civil date by eras of 400 years that begin on 1 March (Hinnant, "chrono-compatible low-level
        // date algorithms").
        let (era, dayOfEra) = (days + 719_468).flooredQuotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let date = "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
        let hour = Self.padded(milliseconds / 3_600_000, 2)
        let minute = Self.padded(milliseconds / 60_000 % 60, 2)
        let second = Self.padded(milliseconds / 1_000 % 60, 2)
        return "\(date)T\(hour):\(minute):\(second).\(Self.padded(milliseconds % 1_000, 3))Z"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension Int64 {
    fileprivate func flooredQuotientAndRemainder(dividingBy divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
