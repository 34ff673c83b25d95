// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Testing

@Suite("RFC 3339 times") struct RFC3339Tests {
    @Test(
        "Text with an offset becomes the right moment",
        arguments: [
            ("1970-01-01T00:00:00Z", Int64(0)), ("2024-05-06T07:08:09Z", 1_714_979_289_000),
            ("2024-05-06T07:08:09.5Z", 1_714_979_289_500),
            ("2024-05-06T07:08:09.123456+02:00", 1_714_972_089_123),
            ("2024-05-06t07:08:09.12-07:30", 1_715_006_289_120), ("2016-12-31T23:59:60Z", 1_483_228_799_999),
            ("2024-02-29T00:00:00Z", 1_709_164_800_000), ("1969-12-31T23:59:59.999Z", -1),
            ("0000-01-01T00:00:00Z", -62_167_219_200_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ])
    func parses(text: String, milliseconds: Int64) {
        #expect(WallTime(rfc3339: text)?.millisecondsSince1970 == milliseconds)
    }

    @Test(
        "Text that RFC 3339 does not allow is refused",
        arguments: [
            "", "2024-05-06", "2024-05-06T07:08:09", "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z",
            "2024-05-06T24:00:00Z", "2024-05-06T07:60:00Z", "2024-05-06T07:08:61Z", "2024-13-06T07:08:09Z",
            "2024-00-06T07:08:09Z", "2024-05-06T07:08:09Zxx", "2024-05-06T07:08:09+0200",
            "2024-05-06T07:08:09+02",
            "2024-05-06T07:08:09+24:00", "2024-05-06 07:08:09Z", "20240506T070809Z", "2024-05-06T07:08:09.Z",
            " 2024-05-06T07:08:09Z", "２024-05-06T07:08:09Z", "-024-05-06T07:08:09Z", "yesterday",
        ])
    func refuses(text: String) {
        #expect(WallTime(rfc3339: text) == nil)
    }

    @Test("Writing and reading give the same millisecond back over the whole range")
    func roundTrip() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let time = WallTime(
                millisecondsSince1970: .random(
                    in: -62_167_219_200_000...253_402_300_799_999, using: &generator))
            #expect(WallTime(rfc3339: time.rfc3339) == time, "\(time.rfc3339)")
        }
    }

    @Test("A time outside the years 0 to 9999 is limited, not wrapped")
    func limited() {
        #expect(WallTime(millisecondsSince1970: .max).rfc3339 == "9999-12-31T23:59:59.999Z")
        #expect(WallTime(millisecondsSince1970: .min).rfc3339 == "0000-01-01T00:00:00.000Z")
    }
}
