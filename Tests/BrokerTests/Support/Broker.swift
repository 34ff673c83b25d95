// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Glibc
import IoTHub
import ProgramOutput
import Secrets

/// Debian's stock mosquitto with TLS on a loopback port, as a process of its own.
final class Broker: @unchecked Sendable {
    // Safety: one test drives a broker, from one task at a time.
    private var process: Process?
    private let configuration: URL
    let port: UInt16
    let certificates: Certificates

    /// Starts a broker; `extra` are further lines of its configuration.
    init(_ leaf: Certificates.Leaf = .good, extra: String = "") throws {
        certificates = try Certificates.shared()
        let socket = try LoopbackSocket()
        port = socket.port
        socket.close()
        configuration = certificates.directory.appendingPathComponent("\(port).conf")
        try """
        listener \(port) 127.0.0.1
        cafile \(certificates.authority)
        certfile \(certificates.certificate(leaf))
        keyfile \(certificates.key(leaf))
        allow_anonymous true
        max_queued_messages 0
        log_dest stderr
        user root
        \(extra)
        """.write(to: configuration, atomically: true, encoding: .utf8)
        try start()
    }

    deinit { kill() }

    /// Starts the program and waits until it says that it runs.
    func start() throws {
        guard let path = HostProgram.find("mosquitto") else {
            throw HostProgram.Failure("mosquitto is not installed; run: make setup")
        }
        let process = Process()
        let output = Foundation.Pipe()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["-c", configuration.path]
        process.standardError = output
        try process.run()
        self.process = process
        var text = Data()
        while true {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else {
                throw HostProgram.Failure(
                    "mosquitto ended: \(String(decoding: text, as: UTF8.self))")
            }
            text.append(data)
            if text.range(of: Data(" running".utf8)) != nil { break }
        }
        // Its log must go on being read, or it would block once the pipe is full.
        output.fileHandleForReading.readabilityHandler = {
            if $0.availableData.isEmpty { $0.readabilityHandler = nil }
        }
    }

    /// Ends the program as a crash would, and waits until it is gone.
    func kill() {
        guard let process else { return }
        self.process = nil
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Stops the program where it is, until `resume` or `kill`.
    func pause() {
        if let process { Glibc.kill(process.processIdentifier, SIGSTOP) }
    }

    /// Lets a stopped broker go on.
    func resume() {
        if let process { Glibc.kill(process.processIdentifier, SIGCONT) }
    }

    /// Credentials that this broker accepts.
    func credentials(
        host: String = "localhost", clientID: String = "device-\(UUID().uuidString)", trust: String? = nil
    ) -> HubCredentials {
        HubCredentials(
            host: host, port: port, clientID: clientID, userName: "", password: nil,
            // Longer than a broker stands still in a test on the busiest machine.
            trust: .file(trust ?? certificates.authority), keepAlive: .seconds(900), cleanSession: true)
    }
}
