// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import IoTHub
import Quantities
import Synchronization

/// What the last look at the device's certificate has found, for who asks.
final class CertificateStanding: Sendable {
    private enum Finding: Sendable {
        case facts(CertificateFacts)
        case problem(String)
    }

    private let last = Mutex<Finding?>(nil)

    /// Takes what the certificate says.
    func note(_ facts: CertificateFacts) { last.withLock { $0 = .facts(facts) } }

    /// Takes what is wrong with the files, a text that ends with what to do.
    func note(problem: String) { last.withLock { $0 = .problem(problem) } }

    /// How the certificate stands at `now`; `nil` before the first look, or where there is none.
    func status(at now: Now) -> AgentStatus.Certificate? {
        switch last.withLock(\.self) {
        case nil: nil
        case .facts(let facts): AgentStatus.Certificate(facts, at: now)
        case .problem(let text): AgentStatus.Certificate(problem: text)
        }
    }
}
