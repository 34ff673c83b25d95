// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Testing

@testable import ThermostatControl

@Suite("The page about control")
struct ControlPageTests {
    private let page: String

    init() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        page = try String(contentsOf: root.appending(path: "docs/control.md"), encoding: .utf8)
    }

    @Test("it tells every fault with what ends it, as `why` does", arguments: FaultCode.allCases)
    func faults(code: FaultCode) throws {
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `\(code.rawValue)` |") }
        #expect(rows.count { $0.hasSuffix("| \(code.ending) |") } == 1, "\(rows)")
    }

    @Test("it tells every state", arguments: ThermostatState.allCases)
    func states(state: ThermostatState) {
        let column = page.split(separator: "\n").compactMap { $0.split(separator: "|").first }
        #expect(column.contains { $0.contains("`\(state.rawValue)`") })
    }
}
