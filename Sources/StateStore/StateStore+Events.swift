// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// Something that happened and is remembered across restarts.
package struct StoredEvent: Sendable, Hashable {
    /// Its number: later events have higher ones.
    package var id: Int64
    /// When it happened, or `nil` where no clock could be believed.
    package var at: WallTime?
    /// What kind of event it is, a word.
    package var kind: String
    /// What there is to say about it, as JSON text.
    package var json: String

    /// Makes an event from its parts.
    package init(id: Int64, at wall: WallTime?, kind: String, json: String) {
        self.id = id
        at = wall
        self.kind = kind
        self.json = json
    }
}

extension StateStore {
    /// How many events are kept.
    package static let keptEvents: Int64 = 200

    /// Remembers an event; the oldest beyond ``keptEvents`` is forgotten.
    package func addEvent(_ kind: String, json: String, at wall: WallTime?) throws(StoreError) {
        try perform("store an event") { (database) throws(StoreError) in
            try database.transaction { () throws(StoreError) in
                try database.run(
                    "INSERT INTO event (at, kind, json) VALUES (?, ?, ?)",
                    [.optional(wall?.millisecondsSince1970), .text(kind), .text(json)])
                try database.run(
                    "DELETE FROM event WHERE id <= (SELECT max(id) FROM event) - ?",
                    [.integer(Self.keptEvents)])
            }
        }
    }

    /// The latest events, newest first; of one kind, where a kind is given.
    package func events(kind: String? = nil, limit: Int) throws(StoreError) -> [StoredEvent] {
        try perform("read events") { (database) throws(StoreError) in
            try database.rows(
                "SELECT id, at, kind, json FROM event WHERE ?1 IS NULL OR kind = ?1 ORDER BY id DESC LIMIT ?2",
                [.optional(kind), .integer(Int64(max(limit, 0)))]
            ) { row in
                StoredEvent(
                    id: row.integer(0) ?? 0, at: row.integer(1).map(WallTime.init(millisecondsSince1970:)),
                    kind: row.text(2) ?? "", json: row.text(3) ?? "")
            }
        }
    }
}
