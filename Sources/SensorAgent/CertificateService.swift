// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles
import IoTHub
import Logging
import Quantities
import ThreadExecutor

/// Watches the device's certificate on the disk while the agent runs, and warns before it expires.
///
/// The files are read anew every hour, as every new connection does: a renewed certificate needs no restart.
struct CertificateService: Service {
    private static let interval = Duration.seconds(3600)

    let files: CertificateConfiguration
    let time: any TimeSource
    let log: Logger
    /// Where the last look is kept.
    let standing: CertificateStanding

    func run(until end: Ending) async {
        // A card that hangs holds up nothing else.
        let thread = BlockingThread(name: "certificate")
        let files = files
        var expiry = CertificateExpiry()
        var complaint: String?
        while !end.isTold {
            do throws(DeviceCertificate.Failure) {
                let facts = try await thread.run { Self.facts(in: files) }.get()
                complaint = nil
                standing.note(facts)
                if let remark = expiry.look(at: facts, now: time.now()) {
                    log.log(level: remark.level, "\(remark.text)")
                }
            } catch {
                // Said once for each cause; the connection that stands is not touched by it.
                if complaint != error.problem { log.error("\(error.problem) \(error.advice)") }
                complaint = error.problem
                standing.note(problem: "\(error.problem) \(error.advice)")
            }
            // Minutes after the start the clock may be right that was not before.
            let pause = time.now().wallIsTrusted ? Self.interval : .seconds(60)
            await end.wait(upTo: pause, time)
        }
    }

    private static func facts(
        in files: CertificateConfiguration
    ) -> Result<CertificateFacts, DeviceCertificate.Failure> {
        Result { () throws(DeviceCertificate.Failure) in try DeviceCertificate(files: files).read() }
    }
}

extension Ending {
    /// Waits until it is told, at most for `duration`.
    fileprivate func wait(upTo duration: Duration, _ time: any TimeSource) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait() }
            group.addTask { try? await time.sleep(for: duration) }
            await group.next()
            group.cancelAll()
        }
    }
}

extension CertificateExpiry.Remark {
    fileprivate var level: Logger.Level {
        isError ? .error : isWarning ? .warning : .notice
    }
}
