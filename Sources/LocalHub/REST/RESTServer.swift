// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HTTPTypes
import Hummingbird
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL

/// The HTTPS listener in front of the service API and the control API.
struct RESTServer: Sendable {
    /// Largest body that is read; the largest legal one is a bulk request of 100 devices.
    static let bodyLimit = 1 << 20

    /// Where it listens; the free port that was chosen when 0 was asked for.
    let port: Int
    private let running: Task<Void, any Error>

    /// Starts to listen and returns when requests are taken.
    ///
    /// Throws when the address cannot be bound.
    static func start(
        api: RESTAPI, tls: TLSConfiguration, host: String, port: Int
    ) async throws -> RESTServer {
        // The log says what goes wrong inside the HTTP server; requests are answered, not logged.
        var logger = Logger(label: "local-hub.rest")
        logger.logLevel = .critical
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            responder: RESTResponder(api: api),
            server: try .tls(tlsConfiguration: tls),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: nil),
            onServerRunning: { channel in continuation.yield(channel.localAddress?.port ?? port) },
            logger: logger
        )
        let running = Task {
            defer { continuation.finish() }
            try await application.run()
        }
        for await bound in ports { return RESTServer(port: bound, running: running) }
        try await running.value
        throw CancellationError()
    }

    /// Closes the listener and all connections, also those that wait for something, and returns when all is gone.
    func stop() async {
        running.cancel()
        // How it ended does not matter any more: cancelled is what was asked for.
        _ = await running.result
    }
}

/// Carries requests and answers between Hummingbird and the API.
private struct RESTResponder: HTTPResponder {
    let api: RESTAPI

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: RESTServer.bodyLimit)
        } catch is NIOTooManyBytesError {
            return Self.response(.failure(.tooLarge("The body is larger than 1 MiB.")))
        }
        let headers = request.headers.map { (name: $0.name.canonicalName, value: $0.value) }
        guard
            let asked = RESTRequest(
                method: request.method.rawValue, target: request.head.path ?? "/", headers: headers,
                body: Array(body.readableBytesView))
        else {
            return Self.response(.failure(.argumentInvalid("The URL is not percent-encoded UTF-8.")))
        }
        return Self.response(await api.respond(to: asked))
    }

    private static func response(_ answer: RESTResponse) -> Response {
        var fields = HTTPFields()
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        guard let document = answer.document else {
            return Response(status: .init(code: answer.status), headers: fields)
        }
        fields[.contentType] = "application/json; charset=utf-8"
        return Response(
            status: .init(code: answer.status), headers: fields,
            body: .init(byteBuffer: ByteBuffer(bytes: document.bytes)))
    }
}
