// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The topic filters a client may subscribe to.
enum Filters {
    static let twinResponses = "$iothub/twin/res/#"
    static let desiredPatches = "$iothub/twin/PATCH/properties/desired/#"
    static let methods = "$iothub/methods/POST/#"
    static let registrations = "$dps/registrations/res/#"

    static func messages(to device: String) -> String { "devices/\(device)/messages/devicebound/#" }

    static func allowed(_ service: ConnectionService, device: String) -> [String] {
        switch service {
        case .hub: [twinResponses, desiredPatches, methods, messages(to: device)]
        case .provisioning: [registrations]
        }
    }
}

extension Hub {
    /// Answers SUBSCRIBE; closes when a filter is not one of the documented ones.
    func subscribe(_ packetId: UInt16, _ filters: [MQTTSubscription], on id: Int) {
        guard let record = live[id]?.record, let service = record.service, let device = record.deviceId else {
            return
        }
        if takeFault(.silentSubscribe, for: device) { return }
        let allowed = Filters.allowed(service, device: device)
        for subscription in filters where !allowed.contains(subscription.filter) {
            return refuse(id, .topicFilter, "SUBSCRIBE to \"\(subscription.filter)\"")
        }
        guard filters.count <= 5 else {
            return refuse(id, .subscriptionCount, "\(filters.count) filters at once")
        }
        for subscription in filters {
            live[id]?.record.subscriptions[subscription.filter] = Int(min(subscription.qos, 1))
        }
        storeSubscriptions(of: id)
        send(.suback(id: packetId, codes: filters.map { min($0.qos, 1) }), on: id)
        if filters.contains(where: { $0.filter == Filters.messages(to: device) }) {
            deliverMessages(to: device)
        }
    }

    /// Answers UNSUBSCRIBE; unknown filters are no error.
    func unsubscribe(_ packetId: UInt16, _ filters: [String], on id: Int) {
        for filter in filters { live[id]?.record.subscriptions[filter] = nil }
        storeSubscriptions(of: id)
        send(.unsuback(packetId), on: id)
    }

    private func storeSubscriptions(of id: Int) {
        guard let record = live[id]?.record, record.service == .hub, !record.cleanSession else { return }
        guard let device = record.deviceId else { return }
        states[device]?.session.subscriptions = record.subscriptions
    }
}
