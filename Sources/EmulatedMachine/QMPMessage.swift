// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

/// What QEMU says on its monitor; QEMU: `docs/interop/qmp-spec`.
enum QMPMessage: Equatable {
    /// The greeting, before capabilities are negotiated.
    case greeting
    /// A command succeeded.
    case success(id: Int?)
    /// A command failed.
    case failure(id: Int?, reason: String)
    /// Something happened; `reason` is the event's own, where it has one.
    case event(String, reason: String?)

    /// Reads one line; `nil` for what is none of these.
    init?(_ line: String) {
        guard let wire = try? JSONDecoder().decode(Wire.self, from: Data(line.utf8)) else { return nil }
        if wire.QMP != nil {
            self = .greeting
        } else if let event = wire.event {
            self = .event(event, reason: wire.data?.reason)
        } else if let error = wire.error {
            self = .failure(id: wire.id, reason: error.desc)
        } else if wire.hasReturn {
            self = .success(id: wire.id)
        } else {
            return nil
        }
    }

    private struct Wire: Decodable {
        struct Present: Decodable {}
        struct Failure: Decodable { var desc: String }
        struct EventData: Decodable { var reason: String? }

        var QMP: Present?
        var event: String?
        var data: EventData?
        var error: Failure?
        var id: Int?
        var hasReturn: Bool

        enum CodingKeys: String, CodingKey { case QMP, event, data, error, id, `return` }

        init(from decoder: any Decoder) throws {
            let keys = try decoder.container(keyedBy: CodingKeys.self)
            QMP = try keys.decodeIfPresent(Present.self, forKey: .QMP)
            event = try keys.decodeIfPresent(String.self, forKey: .event)
            data = try keys.decodeIfPresent(EventData.self, forKey: .data)
            error = try keys.decodeIfPresent(Failure.self, forKey: .error)
            id = try keys.decodeIfPresent(Int.self, forKey: .id)
            hasReturn = keys.contains(.return)
        }
    }
}

/// A command for QEMU's monitor.
enum QMPCommand: Equatable {
    /// Ends the negotiation; must come first.
    case negotiate
    /// Plugs the cable of a network device in or out.
    case setLink(device: String, up: Bool)

    /// The command's name in QEMU.
    var name: String {
        switch self {
        case .negotiate: "qmp_capabilities"
        case .setLink: "set_link"
        }
    }

    /// The line to send.
    func line(id: Int) -> String {
        switch self {
        case .negotiate: #"{"execute":"\#(name)","id":\#(id)}"#
        case .setLink(let device, let up):
            #"{"execute":"\#(name)","arguments":{"name":"\#(device)","up":\#(up)},"id":\#(id)}"#
        }
    }
}
