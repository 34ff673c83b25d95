// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import Simulation
import Testing

@testable import SensorDrivers

@Suite("DecimalText")
struct DecimalTextTests {
    @Test(
        "a number of the kernel is read to the last digit",
        arguments: [
            ("0\n", 0), ("21500\n", 21500), ("-5250\n", -5250), ("7.812500\n", 7.8125),
            ("-0.500000\n", -0.5), ("-15887.515151\n", -15887.515151), ("100.653265625\n", 100.653265625),
            ("2147483647\n", 2_147_483_647), ("0.000000001\n", 1e-9),
            ("900000000000000000\n", 9e17),
            ("999999999.999999999\n", 999_999_999.999999999),
        ])
    func numbers(text: String, value: Double) {
        #expect(DecimalText(Array(text.utf8))?.value() == value)
    }

    @Test(
        "anything else is no number",
        arguments: [
            "", "\n", "1", "1\n\n", " 1\n", "1 \n", "+1\n", "-\n", "--1\n", "1.\n", ".5\n", "-.5\n",
            "1.2.3\n",
            "1,5\n", "1e3\n", "0x10\n", "nan\n", "inf\n", "1\0\n", "１\n", "1\r\n", "25.5 °C\n",
            "9999999999999999999\n", "0.9999999999999999999\n", "0000000000000000000\n",
        ])
    func noNumbers(text: String) { #expect(DecimalText(Array(text.utf8)) == nil) }

    @Test("a power of ten moves the point and rounds once")
    func exponents() {
        #expect(DecimalText(Array("60033.203125\n".utf8))?.value(timesTenToThe: -3) == 60.033203125)
        #expect(DecimalText(Array("80.900203125\n".utf8))?.value(timesTenToThe: 3) == 80900.203125)
        #expect(DecimalText(Array("99\n".utf8))?.value(timesTenToThe: 3) == 99_000)
        // 0.1 + 0.2 style errors would show in one of these thousand.
        for thousandths in -500...500 {
            let number = DecimalText(Array("\(thousandths)\n".utf8))
            #expect(number?.value(timesTenToThe: -3) == Double(thousandths) / 1000)
        }
    }

    @Test("every number that Swift prints with a fraction is read as the same number")
    func roundTrip() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<2_000 {
            let whole = Int.random(in: 0...99_999, using: &generator)
            let nano = Int.random(in: 0...999_999_999, using: &generator)
            let digits = String(nano)
            let fraction = String(repeating: "0", count: 9 - digits.count) + digits
            for sign in ["", "-"] {
                let text = "\(sign)\(whole).\(fraction)"
                #expect(DecimalText(Array("\(text)\n".utf8))?.value() == Double(text))
            }
        }
    }
}
