// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CMosquitto

extension MosquittoConnection {
    /// Has libmosquitto report to this actor, which is its user data and outlives the client.
    ///
    /// Callbacks come only from calls into the library, which are made on the actor's thread alone.
    func installCallbacks(_ client: OpaquePointer) {
        mosquitto_connect_with_flags_callback_set(client) { _, context, code, flags in
            enter(context) { $0.connackArrived(code, sessionPresent: flags & 1 == 1) }
        }
        mosquitto_publish_callback_set(client) { _, context, identifier in
            enter(context) { $0.pubackArrived(identifier) }
        }
        mosquitto_subscribe_callback_set(client) { _, context, identifier, count, granted in
            let granted = Array(UnsafeBufferPointer(start: granted, count: Int(count)))
            enter(context) { $0.subackArrived(identifier, granted: granted) }
        }
        mosquitto_message_callback_set(client) { _, context, message in
            guard let message = message?.pointee, let topic = message.topic else { return }
            let payload = UnsafeRawBufferPointer(start: message.payload, count: Int(message.payloadlen))
            let bytes = [UInt8](payload)
            let name = String(cString: topic)
            enter(context) { $0.messageArrived(topic: name, payload: bytes) }
        }
        mosquitto_log_callback_set(client) { client, context, level, text in
            guard let evidence = Diagnosis.Evidence(level: level, text: text, client: client) else { return }
            enter(context) { $0.diagnosis.note(evidence) }
        }
        mosquitto_user_data_set(client, Unmanaged.passUnretained(self).toOpaque())
    }
}

private func enter(_ context: UnsafeMutableRawPointer?, _ body: (isolated MosquittoConnection) -> Void) {
    guard let context else { return }
    Unmanaged<MosquittoConnection>.fromOpaque(context).takeUnretainedValue().assumeIsolated(body)
}
