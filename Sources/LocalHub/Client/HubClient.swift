// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Talks to the REST API of a running hub: one connection and one signed request at a time.
public struct HubClient: Sendable {
    /// Where the hub is and with which key requests are signed.
    public let connection: ServiceConnectionString
    private let tls: NIOSSLContext

    /// Prepares a client that trusts only the given CA.
    public init(connection: ServiceConnectionString, caFile: String) throws(HubClientError) {
        self.connection = connection
        do {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.minimumTLSVersion = .tlsv12
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(caFile))
            tls = try NIOSSLContext(configuration: configuration)
        } catch {
            throw .certificateAuthority(file: caFile, reason: "\(error)")
        }
    }

    /// Sends one request and returns the answer's status and document (null for an empty body).
    ///
    /// `path` is sent as it is: percent-encode its parts by ``path(_:)``. Every status is returned, none is an error.
    public func send(
        _ method: String, _ path: String, query: [String: String] = [:], body: JSON? = nil,
        headers: [String: String] = [:]
    ) async throws(HubClientError) -> (status: Int, document: JSON) {
        let target = path + Self.queryText(query.merging(["api-version": "2021-04-12"]) { given, _ in given })
        let request = Self.head(method, target, body: body, headers: headers, connection: connection)
        do {
            let answer = try await exchange(request, body: body.map { ByteBuffer(bytes: $0.bytes) })
            guard answer.body.readableBytes > 0 else { return (Int(answer.status), .null) }
            let bytes = Array(answer.body.readableBytesView)
            guard let document = try? JSON(parsing: bytes) else {
                throw HubClientError.malformedAnswer(status: Int(answer.status))
            }
            return (Int(answer.status), document)
        } catch let error as HubClientError {
            throw error
        } catch let error as NIOSSLError where error != .uncleanShutdown {
            // An unclean shutdown is a hub that has gone, and says nothing of its certificate.
            throw .untrusted(authority: connection.authority, reason: Self.brief(error))
        } catch {
            throw .unreachable(authority: connection.authority, reason: Self.brief(error))
        }
    }

    /// As ``send(_:_:query:body:headers:)``, but every status outside 200…299 is thrown as `.refused`.
    @discardableResult
    public func document(
        _ method: String, _ path: String, query: [String: String] = [:], body: JSON? = nil,
        headers: [String: String] = [:]
    ) async throws(HubClientError) -> JSON {
        let answer = try await send(method, path, query: query, body: body, headers: headers)
        guard (200..<300).contains(answer.status) else {
            throw .refused(status: answer.status, message: Self.message(of: answer.document))
        }
        return answer.document
    }

    /// A path made of the given parts, each percent-encoded.
    public static func path(_ parts: String...) -> String {
        parts.map { "/" + PercentEncoding.encode($0) }.joined()
    }
}

extension HubClient {
    private func exchange(
        _ head: HTTPRequestHead, body: ByteBuffer?
    ) async throws -> (status: UInt, body: ByteBuffer) {
        // An address is no server name; the certificate is then checked against the address that was dialled.
        let isAddress = (try? SocketAddress(ipAddress: connection.host, port: 0)) != nil
        let name = isAddress ? nil : connection.host
        let (channel, handshake) = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(10))
            .connect(host: connection.host, port: connection.port) { [tls] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
                    let handshake = HandshakeHandler(eventLoop: channel.eventLoop, limit: .seconds(10))
                    try pipeline.addHandler(handshake)
                    try pipeline.addHTTPClientHandlers()
                    let wrapped = try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                        wrappingChannelSynchronously: channel)
                    return (wrapped, handshake.completed)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            // A write ahead of a failed handshake fails for another reason than the handshake, or for that one.
            try await handshake.get()
            try await outbound.write(.head(head))
            if let body { try await outbound.write(.body(.byteBuffer(body))) }
            try await outbound.write(.end(nil))
            var status: UInt?
            var received = ByteBuffer()
            for try await part in inbound {
                switch part {
                case .head(let head): status = head.status.code
                case .body(var chunk): received.writeBuffer(&chunk)
                case .end:
                    if let status { return (status, received) }
                }
            }
            throw ChannelError.eof
        }
    }

    private static func head(
        _ method: String, _ target: String, body: JSON?, headers: [String: String],
        connection: ServiceConnectionString
    ) -> HTTPRequestHead {
        var fields = HTTPHeaders([
            ("Host", connection.authority),
            ("Authorization", connection.token(expiry: Date(timeIntervalSinceNow: 3600))),
            ("Accept", "application/json"),
            ("Connection", "close"),
            ("Content-Length", String(body?.bytes.count ?? 0)),
        ])
        if body != nil { fields.add(name: "Content-Type", value: "application/json; charset=utf-8") }
        for (name, value) in headers { fields.replaceOrAdd(name: name, value: value) }
        return HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: method), uri: target, headers: fields)
    }

    private static func queryText(_ query: [String: String]) -> String {
        let pairs = query.sorted { $0.key < $1.key }.map {
            "\(PercentEncoding.encode($0.key))=\(PercentEncoding.encode($0.value))"
        }
        return pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
    }

    /// The hub's sentence out of an error document; a method's message is itself a JSON text.
    private static func message(of document: JSON) -> String {
        guard let message = document["Message"]?.string else { return document.text }
        if let inner = try? JSON(parsing: message) { return inner["message"]?.string ?? message }
        guard message.hasPrefix("ErrorCode:"), let sign = message.firstIndex(of: ";") else { return message }
        return String(message[message.index(after: sign)...])
    }

    private static func brief(_ error: any Error) -> String {
        if let failure = error as? NIOConnectionError {
            return failure.connectionErrors.first.map { "\($0.error)" }
                ?? "the name \(failure.host) is unknown"
        }
        return "\(error)"
    }
}
