// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities
import StrictJSON

/// Reports faults and the life of the relays in `agentStatus`: the faults every two minutes at most, the rest every ten,
/// since every report counts as a message.
package struct StatusReporter: Service {
    static let interval = Duration.seconds(120)
    static let ledgerInterval = Duration.seconds(600)

    private let control: ControlLoop
    private let cloud: CloudService
    private let time: any TimeSource

    /// Makes the service.
    package init(control: ControlLoop, cloud: CloudService, time: any TimeSource) {
        self.control = control
        self.cloud = cloud
        self.time = time
    }

    /// Runs until the program ends.
    package func run(until end: Ending) async {
        let reporting = Task {
            var ledgerAt: ContinuousClock.Instant?
            while !Task.isCancelled {
                let snapshots = await control.snapshots()
                let now = time.now().monotonic
                await cloud.report(status: StatusDocument.faults(snapshots))
                if ledgerAt.map({ now >= $0 }) ?? true {
                    ledgerAt = now.advanced(by: Self.ledgerInterval)
                    await cloud.report(status: StatusDocument.relays(snapshots))
                }
                do { try await time.sleep(for: Self.interval) } catch { break }
            }
        }
        await end.wait()
        reporting.cancel()
    }
}
