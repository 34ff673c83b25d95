// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

extension StateStore {
    /// What an earlier run has left of a thermostat, such as `thermostat1`; `nil` before the first.
    package func memory(of thermostat: String) throws(StoreError) -> ThermostatMemory? {
        try perform("read the memory of \(thermostat)") { (database) throws(StoreError) in
            try database.rows(
                """
                SELECT celsius, mode, latch, boot_id, off_at_ms, cycles, on_time_ms, locked_until_ms
                FROM thermostat WHERE name = ?
                """, [.text(thermostat)]
            ) { row in
                var memory = ThermostatMemory()
                memory.target = row.real(0)
                memory.mode = row.text(1)
                memory.latch = row.text(2)
                memory.bootID = row.text(3)
                memory.offAt = row.integer(4).map { .milliseconds($0) }
                memory.cycles = Int(clamping: row.integer(5) ?? 0)
                memory.onTime = .milliseconds(row.integer(6) ?? 0)
                memory.lockedUntil = row.integer(7).map { .milliseconds($0) }
                return memory
            }.first
        }
    }

    /// What an earlier run has left, for the run that goes on with it: its proof of an off time is given only once.
    ///
    /// Where it cannot be taken back it is not given, else a later run would believe it of a relay that was on meanwhile.
    package func takeMemory(of thermostat: String) throws(StoreError) -> ThermostatMemory? {
        guard let memory = try memory(of: thermostat) else { return nil }
        guard memory.offAt != nil else { return memory }
        var rest = memory
        rest.offAt = nil
        do {
            try setMemory(rest, of: thermostat)
        } catch {
            return rest
        }
        // In memory only a copy took it back: the file that cannot be written would give it again.
        return isDurable ? memory : rest
    }

    /// Stores what has to be left of a thermostat.
    package func setMemory(_ memory: ThermostatMemory, of thermostat: String) throws(StoreError) {
        try perform("store the memory of \(thermostat)") { (database) throws(StoreError) in
            if let target = memory.target { try database.requireFinite(target) }
            try database.run(
                """
                INSERT INTO thermostat
                    (name, celsius, mode, latch, boot_id, off_at_ms, cycles, on_time_ms, locked_until_ms)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET
                    celsius = excluded.celsius, mode = excluded.mode, latch = excluded.latch,
                    boot_id = excluded.boot_id, off_at_ms = excluded.off_at_ms, cycles = excluded.cycles,
                    on_time_ms = excluded.on_time_ms, locked_until_ms = excluded.locked_until_ms
                """,
                [
                    .text(thermostat), .optional(memory.target), .optional(memory.mode),
                    .optional(memory.latch), .optional(memory.bootID), .optional(memory.offAt?.milliseconds),
                    .integer(Int64(memory.cycles)), .integer(memory.onTime.milliseconds),
                    .optional(memory.lockedUntil?.milliseconds),
                ])
        }
    }
}
