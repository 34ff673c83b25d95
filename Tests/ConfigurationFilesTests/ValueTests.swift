// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import ConfigurationFiles

@Suite struct DurationTextTests {
    @Test(
        "Whole numbers with a unit, or seconds",
        arguments: [
            ("8s", Duration.seconds(8)), ("500ms", .milliseconds(500)), ("5min", .seconds(300)),
            ("1h", .seconds(3600)),
            ("7d", .seconds(604_800)), ("8", .seconds(8)), ("0", .zero), ("10 s", .seconds(10)),
        ])
    func read(text: String, duration: Duration) { #expect(DurationText.parse(text) == duration) }

    @Test(
        "Everything else is no duration",
        arguments: [
            "", "s", "8x", "8S", "-8s", "1.5s", "8 s s", "8m", "99999999999999999999s",
            "9223372036854775807d", "٨s", "1e3",
        ])
    func refuse(text: String) { #expect(DurationText.parse(text) == nil) }

    @Test(
        "What is written is read back",
        arguments: [1, 999, 1_000, 1_500, 60_000, 90_000, 3_600_000, 86_400_000, 0])
    func roundTrip(milliseconds: Int) {
        let duration = Duration.milliseconds(milliseconds)
        #expect(DurationText.parse(DurationText.text(duration)) == duration)
    }
}

@Suite struct SpellingTests {
    @Test(
        "Insertions, deletions, replacements and swaps count one each",
        arguments: [
            ("", "", 0), ("a", "", 1), ("interval", "intervall", 1), ("interval", "intreval", 1),
            ("abc", "xyz", 3),
        ])
    func distance(left: String, right: String, expected: Int) {
        #expect(Spelling.distance(left, right) == expected)
        #expect(Spelling.distance(right, left) == expected)
    }

    @Test("Only a slip of the fingers gets a suggestion, anything else the list")
    func advice() {
        #expect(Spelling.advice(for: "Sensro", among: ["sensor", "bus"]) == "Did you mean \"sensor\"?")
        #expect(Spelling.advice(for: "zzz", among: ["sensor", "bus"]) == "Known here: bus, sensor.")
        #expect(
            Spelling.nearest(to: "z", among: ["a", "b"]) == nil,
            "one letter has nothing in common with another")
        #expect(Spelling.nearest(to: "", among: ["a"]) == nil)
        #expect(Spelling.nearest(to: "a1", among: ["a", "b1"]) == "a")
        #expect(Spelling.advice(for: "zzz", among: []) == "")
    }
}

@Suite struct ValueSyntaxTests {
    @Test(
        "Hosts with and without port",
        arguments: [
            ("localhost:8883", "localhost", 8883), ("a.example", "a.example", nil),
            ("127.0.0.1:1", "127.0.0.1", 1),
            ("[::1]:8883", "::1", 8883), ("[fe80::1]", "fe80::1", nil),
        ] as [(String, String, Int?)])
    func host(text: String, host: String, port: Int?) throws {
        let value = try #require(HostAndPort(text))
        #expect(value == HostAndPort(host: host, port: port))
        #expect(value.description == text)
    }

    @Test(
        "What is no host is refused",
        arguments: [
            "", ":1", "a:", "a:0", "a:65536", "a:-1", "a:+1", "a:1x", "mqtts://a", "a/b", "a b", "-a", "a..b",
            "[::1", "[]", "[x]:1", "ä",
        ])
    func noHost(text: String) { #expect(HostAndPort(text) == nil) }

    @Test(
        "The four places and board names of a bus",
        arguments: [
            ("header", .board("header")),
            ("adapter:bcm2835 (i2c@7e804000)", .location(.adapter("bcm2835 (i2c@7e804000)"))),
            ("adapter-prefix:i2c-tiny-usb", .location(.adapterPrefix("i2c-tiny-usb"))),
            ("controller:1f00074000.i2c", .location(.controller("1f00074000.i2c"))),
            ("/dev/i2c-11", .location(.deviceFile("/dev/i2c-11"))),
        ] as [(String, BusReference)])
    func bus(text: String, reference: BusReference) throws {
        #expect(BusReference(text) == reference)
        #expect(reference.description == text)
    }

    @Test(
        "What is no bus is refused",
        arguments: ["", "Header", "adapter:", "/dev/i2c-", "/dev/i2c-1x", "/dev/spi0", "1", "a:b"].dropLast(0)
    )
    func noBus(text: String) {
        // A lone digit is a legal board name; it is here to show that it is not taken for a bus number.
        #expect(BusReference(text) == (text == "1" ? .board("1") : nil))
    }

    @Test(
        "Base64 keys",
        arguments: [
            ("AAAA", true), ("AAA=", true), ("AA==", true), ("", false), ("A===", false), ("AAA", false),
            ("AA=A", false), ("AA-_", false), ("AAAA\n", false),
        ])
    func base64(text: String, valid: Bool) { #expect(Base64.isValid(text) == valid) }

    @Test(
        "1-Wire ids",
        arguments: [
            ("28-0316a279fcff", true), ("28-0316A279FCFF", false), ("00-0316a279fcff", false),
            ("28-0316a279fcf", false), ("28", false), ("28-0316a279fcff-", false),
        ])
    func oneWire(text: String, valid: Bool) { #expect(OneWireID.isValid(text) == valid) }

    @Test("Control characters and tokens never reach a terminal")
    func printableText() {
        #expect(printable("a\u{1B}[31mb\n") == "a\\u{1b}[31mb\\u{a}")
        #expect(printable("HostName=h;SharedAccessKey=c2VjcmV0") == "<redacted>")
        #expect(printable(String(repeating: "x", count: 100)).count == 61)
    }
}
