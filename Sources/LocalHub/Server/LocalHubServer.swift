// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

public import Foundation

/// Where and how a local hub runs.
public struct LocalHubServerConfiguration: Sendable {
    /// Address to listen on.
    public var host = "127.0.0.1"
    /// Port of DPS and hub, 0 for a free one.
    public var mqttPort = 8883
    /// Port of the service and control API, 0 for a free one.
    public var restPort = 8443
    /// Host name that provisioning assigns; nil for `localhost`.
    public var name: String?
    /// More host names and addresses for the server certificate and for user names.
    public var extraNames: [String] = []
    /// Where authority and certificates are kept; nil for a directory of its own that goes when the hub stops.
    public var directory: URL?
    /// Settings of the hub itself.
    public var hub = HubConfiguration()

    /// Makes the default settings.
    public init() {}
}

/// A running local hub: DPS and IoT Hub over MQTT, the service API and the control API over HTTPS.
public final class LocalHubServer: Sendable {
    /// The state behind both listeners.
    public let hub: Hub
    /// Settings of the hub with everything filled in.
    public let hubConfiguration: HubConfiguration
    /// Port of DPS and hub.
    public let mqttPort: Int
    /// Port of the service and control API.
    public let restPort: Int
    /// The certificate clients have to trust, in PEM.
    public let caFile: URL
    /// Where authority and certificates are kept.
    public let directory: URL

    private let mqtt: MQTTServer
    private let rest: RESTServer
    private let certificates: CertificateStore
    private let isTemporary: Bool

    /// Starts to listen and returns when connections are taken.
    ///
    /// Throws when a port is in use, a name does not resolve or the directory cannot be written.
    public static func start(
        _ configuration: LocalHubServerConfiguration = LocalHubServerConfiguration()
    ) async throws -> LocalHubServer {
        let directory =
            configuration.directory
            ?? FileManager.default.temporaryDirectory.appending(path: "local-hub-\(UUID().uuidString)")
        do {
            return try await LocalHubServer(configuration, directory)
        } catch {
            if configuration.directory == nil { try? FileManager.default.removeItem(at: directory) }
            throw error
        }
    }

    private init(_ configuration: LocalHubServerConfiguration, _ directory: URL) async throws {
        let name = configuration.name ?? "localhost"
        var settings = configuration.hub
        for host in [name, configuration.host] + configuration.extraNames
        where !settings.hostNames.contains(host) {
            settings.hostNames.append(host)
        }
        if settings.servicePolicies.isEmpty {
            settings.servicePolicies = ["iothubowner": DeviceRules.newKey()]
        }
        let names = settings.hostNames.filter { $0 != "0.0.0.0" && $0 != "::" }
        certificates = try CertificateStore(directory: directory, names: names, at: settings.now())
        hub = Hub(configuration: settings)
        mqtt = try await MQTTServer(
            hub: hub, contexts: try TLSContexts(store: certificates), host: configuration.host,
            port: configuration.mqttPort)
        let assigned = mqtt.port == 8883 ? name : "\(name):\(mqtt.port)"
        settings.assignedHub = assigned
        await hub.configure { $0.assignedHub = assigned }
        do {
            rest = try await RESTServer.start(
                api: RESTAPI(hub: hub, configuration: settings), tls: try TLSContexts.https(certificates),
                host: configuration.host, port: configuration.restPort)
        } catch {
            await mqtt.stop()
            throw error
        }
        hubConfiguration = settings
        (mqttPort, restPort) = (mqtt.port, rest.port)
        (caFile, self.directory) = (certificates.caFile, directory)
        isTemporary = configuration.directory == nil
    }

    /// Closes both listeners and all connections, ends all waits, removes a directory of its own.
    public func stop() async {
        await rest.stop()
        await mqtt.stop()
        if isTemporary {
            // What is left behind is a few files in the temporary directory.
            try? FileManager.default.removeItem(at: directory)
        }
    }

    /// Makes a client certificate with that common name, signed by this hub's authority: certificate and key in PEM.
    ///
    /// The authority is registered for devices of type `certificateAuthority`.
    public func makeClientCertificate(commonName: String) throws -> (certificate: String, key: String) {
        let pair = try certificates.authority.clientCertificate(commonName: commonName, at: Date())
        return (pair.certificate, pair.key)
    }
}
