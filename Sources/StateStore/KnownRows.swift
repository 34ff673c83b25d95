// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What is remembered of a database so that it need not be read again and again.
struct KnownRows {
    /// The numbers of texts in `word`.
    var words = KnownWords()
    /// The texts of numbers in `word`.
    var texts: [Int64: String] = [:]
    /// How many rows `outbox` has, where that was counted.
    var outboxCount: Int?
}

/// The numbers of texts, a few of which are asked for again and again: looking through those is done sooner than hashing.
struct KnownWords {
    private static let few = 8

    private var first: [(text: String, number: Int64)] = []
    private var rest: [String: Int64] = [:]

    /// The number of a text, where it is known; what is known stays.
    subscript(text: String) -> Int64? {
        get {
            for known in first where known.text == text { return known.number }
            return rest.isEmpty ? nil : rest[text]
        }
        set {
            guard let newValue, self[text] == nil else { return }
            if first.count < Self.few { first.append((text, newValue)) } else { rest[text] = newValue }
        }
    }
}

extension Database {
    /// The number that stands for a text; a new text is stored.
    func word(_ text: String) throws(StoreError) -> Int64 {
        if let number = known.words[text] { return number }
        try run("INSERT OR IGNORE INTO word (text) VALUES (?)", [.text(text)])
        guard let number = try integer("SELECT id FROM word WHERE text = ?", [.text(text)]) else {
            throw StoreError(
                .misuse, operation: "store a word", location: location, detail: "it is not there")
        }
        known.words[text] = number
        return number
    }

    /// The number that stands for a text, or `nil` where no row has it.
    func existingWord(_ text: String) throws(StoreError) -> Int64? {
        if let number = known.words[text] { return number }
        let number = try integer("SELECT id FROM word WHERE text = ?", [.text(text)])
        known.words[text] = number
        return number
    }

    /// The text that a number stands for.
    func text(of number: Int64) throws(StoreError) -> String {
        if let text = known.texts[number] { return text }
        let found = try rows("SELECT text FROM word WHERE id = ?", [.integer(number)]) { $0.text(0) ?? "" }
        guard let text = found.first else {
            throw StoreError(
                .damaged, operation: "read a word", location: location, detail: "word \(number) is missing")
        }
        known.texts[number] = text
        return text
    }

    /// A number and a text by name.
    func counter(_ name: String) throws(StoreError) -> (number: Int64?, text: String?) {
        try rows("SELECT number, text FROM counter WHERE name = ?", [.text(name)]) { row in
            (row.integer(0), row.text(1))
        }.first ?? (nil, nil)
    }

    /// Stores a number and a text by name.
    func setCounter(_ name: String, _ number: Int64?, text: String? = nil) throws(StoreError) {
        try run(
            """
            INSERT INTO counter (name, number, text) VALUES (?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET number = excluded.number, text = excluded.text
            WHERE number IS NOT excluded.number OR text IS NOT excluded.text
            """, [.text(name), .optional(number), .optional(text)])
    }
}
