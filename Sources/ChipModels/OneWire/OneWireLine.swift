// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A 1-Wire line with its devices: low as soon as anyone pulls it low.
package struct OneWireLine: Sendable {
    /// What may be wrong with the cable.
    package enum Condition: Sendable, Hashable {
        /// Nothing.
        case good
        /// Cut before the first device: the controller hears nobody and reads ones.
        case open
        /// The data wire touches ground: zeros.
        case shorted
    }

    /// What the controller sees after its reset pulse.
    package enum Answer: Sendable, Hashable {
        /// The line stayed high.
        case silence
        /// At least one device pulled it low for a moment.
        case presence
        /// It never became high.
        case short
    }

    /// The state of the cable; devices that were cut off or shorted find their line reset when it is good again.
    package private(set) var condition = Condition.good
    private var devices: [any OneWireDeviceModel] = []

    /// Makes a line without devices.
    package init() {}

    /// The ids of the devices, as the kernel writes them, in the order in which they were attached.
    package var ids: [String] { devices.map(\.rom.id) }

    /// The level that an idle line has.
    package var isHigh: Bool { condition != .shorted }

    /// Connects a device; one with the same number is replaced.
    package mutating func attach(_ device: some OneWireDeviceModel) {
        detach(device.rom.id)
        devices.append(device)
    }

    /// Takes the device with this id off the line.
    package mutating func detach(_ id: String) {
        devices.removeAll { $0.rom.id == id }
    }

    /// Breaks or repairs the cable.
    package mutating func setCondition(_ condition: Condition, at now: ContinuousClock.Instant) {
        self.condition = condition
        guard condition == .good else { return }
        for index in devices.indices { _ = devices[index].reset(at: now) }
    }

    /// Looks at or changes the device with this id; `nil` where there is none of that type.
    package mutating func withDevice<Model: OneWireDeviceModel, Value>(
        _ id: String, as type: Model.Type, _ body: (inout Model) -> Value
    ) -> Value? {
        guard let index = devices.firstIndex(where: { $0.rom.id == id }), var model = devices[index] as? Model
        else { return nil }
        defer { devices[index] = model }
        return body(&model)
    }

    /// The controller's reset pulse.
    package mutating func reset(at now: ContinuousClock.Instant) -> Answer {
        switch condition {
        case .open: return .silence
        case .shorted: return .short
        case .good:
            var isPresent = false
            for index in devices.indices where devices[index].reset(at: now) { isPresent = true }
            return isPresent ? .presence : .silence
        }
    }

    /// One time slot with the controller's bit; returns the level that the controller samples.
    package mutating func slot(_ bit: Bool, at now: ContinuousClock.Instant) -> Bool {
        switch condition {
        case .open: return bit
        case .shorted: return false
        case .good:
            var level = bit
            for index in devices.indices where !devices[index].slot(isReleased: bit, at: now) {
                level = false
            }
            return level
        }
    }

    /// Begins or ends feeding the devices through the line.
    package mutating func setStrongPullup(_ isOn: Bool, at now: ContinuousClock.Instant) {
        guard condition == .good else { return }
        for index in devices.indices { devices[index].setStrongPullup(isOn, at: now) }
    }
}
