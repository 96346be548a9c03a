import CMosquitto

extension TestClient {
    /// Sets callbacks that put everything into the inbox. They run in the thread of the loop.
    static func setCallbacks(_ handle: OpaquePointer) {
        mosquitto_connect_v5_callback_set(handle) { _, object, code, _, _ in
            seen(object)?.update {
                $0.connack = Int(code)
                $0.isConnected = code == 0
            }
        }
        mosquitto_disconnect_v5_callback_set(handle) { _, object, _, _ in
            seen(object)?.update {
                $0.connack = $0.connack ?? -1
                $0.isConnected = false
            }
        }
        mosquitto_subscribe_v5_callback_set(handle) { _, object, id, count, granted, _ in
            let code = count > 0 ? granted.map { Int($0.pointee) } : nil
            seen(object)?.update { $0.subacks[id] = code ?? 0x80 }
        }
        mosquitto_publish_v5_callback_set(handle) { _, object, id, code, _ in
            seen(object)?.update { $0.pubacks[id] = Int(code) }
        }
        mosquitto_message_v5_callback_set(handle) { _, object, message, properties in
            guard let message = message?.pointee else { return }
            let payload = UnsafeRawBufferPointer(start: message.payload, count: Int(message.payloadlen))
            let received = Message(
                String(cString: message.topic), Array(payload), qos: Int(message.qos), isRetained: message.retain,
                properties: Message.Properties(list: properties))
            seen(object)?.update { $0.add(received) }
        }
    }
}

private func seen(_ object: UnsafeMutableRawPointer?) -> Watched<Inbox>? {
    object.map { Unmanaged.fromOpaque($0).takeUnretainedValue() }
}
