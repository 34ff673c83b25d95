// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Synchronization

/// Which ports of the guest's virtual USB host controller are in use: eight that take full-speed devices.
final class VirtualUSBPorts: Sendable {
    private let used = Mutex<[String: Int]>([:])

    /// Takes the lowest free port for a device, by its bus id; `nil` where all are taken or the device has one.
    func take(for busID: String) -> Int? {
        used.withLock { used in
            guard used[busID] == nil, let port = (0..<8).first(where: { !used.values.contains($0) }) else {
                return nil
            }
            used[busID] = port
            return port
        }
    }

    /// The port of a device.
    func port(of busID: String) -> Int? {
        used.withLock { $0[busID] }
    }

    /// Gives the port of a device back.
    func release(_ busID: String) {
        used.withLock { $0[busID] = nil }
    }
}
