// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import LocalHub

@Suite("Methods and messages at the hub", .timeLimit(.minutes(10))) struct HubMethodTests {
    /// Waits for the method request to arrive at the device.
    private func request(at device: TestDevice) async throws -> MQTTPublish {
        while true {
            if let request = device.last("$iothub/methods/POST/") { return request }
            await Task.yield()
        }
    }

    @Test("A call reaches the device and its answer the caller")
    func call() async throws {
        let hub = Hub()
        let device = try await TestDevice.connect(to: hub)
        await device.subscribe(Filters.methods)
        async let result = hub.invokeMethod("d1", name: "thermostat1*get report", payload: "x")
        let request = try await request(at: device)
        #expect(request.qos == 0)
        #expect(request.payload == Array("\"x\"".utf8))
        let parts = request.topic.split(separator: "/")
        #expect(parts[3] == "thermostat1*get%20report")
        let rid = try #require(RequestTopic(request.topic)?.requestId)
        await device.publish("$iothub/methods/res/202/?$rid=\(rid)", "{\"a\":1}")
        #expect(try await result == MethodResult(status: 202, payload: ["a": 1]))
        await device.publish("$iothub/methods/res/200/?$rid=\(rid)", "")
        #expect(await hub.violations().isEmpty)
    }

    @Test("Without a listening device a call fails with 404103, without an answer with 504101")
    func timeouts() async throws {
        let hub = Hub()
        func code(_ connect: Duration) async -> Int? {
            do {
                _ = try await hub.invokeMethod(
                    "d1", name: "m", responseTimeout: .milliseconds(50), connectTimeout: connect)
            } catch { return error.code }
            return nil
        }
        #expect(await code(.zero) == 404_001)
        let device = try await TestDevice.connect(to: hub)
        #expect(await code(.zero) == 404_103)
        #expect(await code(.milliseconds(20)) == 404_103)
        await device.subscribe(Filters.methods)
        #expect(await code(.zero) == 504_101)
    }

    @Test("A call with a connect timeout waits for the device")
    func connectTimeout() async throws {
        let hub = Hub()
        try await hub.putDevice(
            "d1", DeviceSpecification(authentication: .sas(primaryKey: TestDevice.key, secondaryKey: "")))
        async let result = hub.invokeMethod("d1", name: "m", connectTimeout: .seconds(30))
        let device = try await TestDevice.connect(to: hub)
        await device.subscribe(Filters.methods)
        let rid = try #require(RequestTopic(try await request(at: device).topic)?.requestId)
        await device.publish("$iothub/methods/res/200/?$rid=\(rid)", "")
        #expect(try await result == MethodResult(status: 200, payload: .null))
    }

    @Test("Answers that break a rule are violations")
    func badAnswers() async throws {
        let hub = Hub()
        let device = try await TestDevice.connect(to: hub)
        await device.subscribe(Filters.methods)
        let call = Task { try await hub.invokeMethod("d1", name: "m") }
        let rid = try #require(RequestTopic(try await request(at: device).topic)?.requestId)
        await device.publish("$iothub/methods/res/200/?$rid=ffff", "{}")
        await device.publish("$iothub/methods/res/200/?$rid=\(rid)", "{")
        await #expect { try await call.value } throws: { ($0 as? HubFailure)?.code == 400_004 }
        await device.publish("$iothub/methods/res/ok/?$rid=\(rid)", "{}")
        #expect(await hub.violations().map(\.kind) == [.methodResponse, .methodResponse, .methodResponse])
        #expect(device.sink.isClosed)
    }

    @Test("A message waits for its subscription and PUBACK, and comes again after a reconnect")
    func messages() async throws {
        let hub = Hub()
        let first = try await TestDevice.connect(to: hub)
        let message = CloudToDeviceMessage(
            messageId: "m1", properties: ["a": nil, "b": "c d"], body: [1, 2])
        try await hub.sendToDevice("d1", message)
        #expect(first.sink.publishes.isEmpty)
        await first.subscribe(Filters.messages(to: "d1"))
        let packet = try #require(first.sink.publishes.first)
        #expect(
            packet.topic == "devices/d1/messages/devicebound/"
                + "%24.mid=m1&%24.to=%2Fdevices%2Fd1%2Fmessages%2Fdevicebound&a&b=c%20d")
        #expect(packet.qos == 1 && !packet.isDuplicate)
        let second = try await TestDevice.connect(to: hub)
        let again = try #require(second.sink.publishes.first)
        #expect(again.isDuplicate)
        #expect(await hub.device("d1")?.queuedMessages == 1)
        await second.send(.puback(try #require(again.id)))
        #expect(await hub.device("d1")?.queuedMessages == 0)
        await second.send(.puback(99))
        #expect(await hub.violations().map(\.kind) == [.acknowledgement])
    }

    @Test("A message not acknowledged within its lock is sent again")
    func lock() async throws {
        var configuration = HubConfiguration()
        configuration.messageLock = .milliseconds(20)
        let hub = Hub(configuration: configuration)
        let device = try await TestDevice.connect(to: hub)
        await device.subscribe(Filters.messages(to: "d1"))
        try await hub.sendToDevice("d1", CloudToDeviceMessage(body: []))
        while device.sink.publishes.count < 2 { await Task.yield() }
        #expect(device.sink.publishes[0].id == device.sink.publishes[1].id)
        #expect(device.sink.publishes.map(\.isDuplicate).prefix(2) == [false, true])
    }

    @Test("The queue ends at 50, and nothing is kept for a device never seen")
    func queue() async throws {
        let hub = Hub()
        try await hub.putDevice("new")
        try await hub.sendToDevice("new", CloudToDeviceMessage(body: []))
        #expect(await hub.device("new")?.queuedMessages == 0)
        let device = try await TestDevice.connect(to: hub)
        await device.send(.disconnect)
        for _ in 0..<50 { try await hub.sendToDevice("d1", CloudToDeviceMessage(body: [])) }
        await #expect(throws: HubFailure.queueFull) {
            try await hub.sendToDevice("d1", CloudToDeviceMessage(body: []))
        }
        let large = CloudToDeviceMessage(body: Array(repeating: 0, count: 65_537))
        await #expect { try await hub.sendToDevice("new", large) } throws: {
            ($0 as? HubFailure)?.code == 413_001
        }
    }

    @Test("Only the latest calls are remembered, so that nothing grows for ever")
    func issued() {
        var issued = IssuedMethods()
        for number in 0...IssuedMethods.limit { issued.add("\(number)", device: "d1") }
        #expect(issued["0"] == nil)
        #expect(issued["\(IssuedMethods.limit)"] == "d1")
        #expect(issued["other"] == nil)
    }
}
