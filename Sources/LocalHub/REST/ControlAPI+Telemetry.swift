// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

extension ControlAPI {
    /// Messages behind `after`, oldest first, at most `limit`; without `after` all that are kept.
    ///
    /// With `wait` and no such message the answer comes with the first one, or empty after so many seconds.
    /// `last` is the number to give as the next `after`.
    func telemetry(_ request: RESTRequest) async throws(HubFailure) -> RESTResponse {
        let after = try request.number("after", in: 0...Int.max) ?? 0
        let limit = try request.number("limit", in: 0...100_000) ?? 1000
        guard let wait = Double(request.query["wait"] ?? "0"), (0...60).contains(wait) else {
            throw .argumentInvalid("wait must be a number of seconds from 0 to 60.")
        }
        let device = request.query["device"]
        // Listening begins before looking, so that nothing falls between the two.
        let updates = hub.telemetryUpdates()
        var records = await hub.telemetry(after: after)
        var found = records.filter { device == nil || $0.deviceId == device }
        if found.isEmpty, wait > 0 {
            let last = records.last?.sequence ?? after
            if let next = await Self.first(
                of: updates, within: .seconds(wait),
                where: {
                    $0.sequence > last && (device == nil || $0.deviceId == device)
                })
            {
                records.append(next)
                found = [next]
            }
        }
        let page = Array(found.prefix(limit))
        // Only a page cut short ends before the newest message that was looked at; no limit means none was wanted.
        let isCut = limit > 0 && page.count < found.count
        let last = (isCut ? page.last : records.last)?.sequence ?? after
        return .ok(["records": .array(page.map(\.document)), "last": .integer(last)])
    }

    private static func first(
        of updates: AsyncStream<TelemetryRecord>, within limit: Duration,
        where matches: @escaping @Sendable (TelemetryRecord) -> Bool
    ) async -> TelemetryRecord? {
        await withTaskGroup(of: TelemetryRecord?.self) { group in
            group.addTask { await updates.first(where: matches) }
            group.addTask {
                // Cancelled when the message came first, or the server stops: then nobody waits any more.
                try? await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}
