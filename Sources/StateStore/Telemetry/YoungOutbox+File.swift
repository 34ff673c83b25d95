// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

/// How the young tier's file is read at the start, and what happens where it fails.
extension YoungOutbox {
    /// Reads what an earlier process has left.
    func load() {
        guard let database else { return }
        do throws(StoreError) {
            try load(from: database)
            // A copy of a file that cannot be written: the file may come back as it is, and count on from there. One
            // that has come through the end of a boot was on no tmpfs, and its last numbers may not have.
            let isOfThisBoot = try database.counter("boot").text.map { $0 == bootID } ?? (bootID == nil)
            if isNumbered, !isDurable || !isOfThisBoot { beginLineage() }
        } catch {
            degrade(after: error)
        }
    }

    private func load(from database: Database) throws(StoreError) {
        let series = try database.counter("series")
        let young = try database.counter("young")
        nextID = (try database.integer("SELECT max(id) FROM outbox") ?? 0) + 1
        movingThrough = try database.counter("moving").number ?? 0
        nextID = max(nextID, movingThrough + 1)
        nextRawID = (try database.integer("SELECT max(id) FROM raw") ?? 0) + 1
        gone = Set(try database.goneKeys())
        aside = try database.asideKeys()
        bootClocks = try database.bootClocks()
        guard let name = series.text, let lineage = young.text else { return }
        epoch = lineage
        batch = young.number ?? 1
        numbering = Numbering(series: name, isKnown: series.number == 1, streams: try database.numbering())
        isNumbered = true
    }

    /// Takes over what the disk has reserved, or numbers that the disk knows nothing of.
    func adopt(_ claimed: Numbering) {
        numbering = claimed
        isNumbered = true
        write { (database) throws(StoreError) in try saveAll(database) }
    }

    /// Begins numbers that no file knows, because one that holds the present ones may come back.
    func beginLineage() {
        epoch = newSeries()
        numbering.beginSeries(newSeries())
        write { (database) throws(StoreError) in try saveAll(database) }
    }

    /// Stores the counts of some streams, and of all where another series has begun.
    func save(_ database: Database, streams: Set<String>) throws(StoreError) {
        guard try database.counter("series").text == numbering.series else { return try saveAll(database) }
        for name in streams {
            if let stream = numbering.streams[name] { try database.save(stream, of: name) }
        }
    }

    /// Stores everything that is known of the numbers.
    func saveAll(_ database: Database) throws(StoreError) {
        try database.setCounter("series", numbering.isKnown ? 1 : 0, text: numbering.series)
        try database.setCounter("young", batch, text: epoch)
        try database.setCounter("moving", movingThrough)
        try database.setCounter("boot", nil, text: bootID)
        for (name, stream) in numbering.streams { try database.save(stream, of: name) }
    }

    /// Runs a transaction, in memory where the file does not take it; says when not even that works.
    @discardableResult
    func write<Result>(_ body: (Database) throws(StoreError) -> Result) -> Result? {
        // The file, a new file, memory.
        for _ in 0..<3 {
            guard let database else { return nil }
            do throws(StoreError) {
                return try database.transaction { () throws(StoreError) in try body(database) }
            } catch {
                degrade(after: error)
            }
        }
        return nil
    }

    /// Runs a query; `nil` where it fails, after which the tier goes on as after a failed write.
    func read<Result>(_ body: (Database) throws(StoreError) -> Result) -> Result? {
        guard let database else { return nil }
        do throws(StoreError) {
            return try body(database)
        } catch {
            degrade(after: error)
            return nil
        }
    }

    /// Goes on with a new file where this one is damaged, and in memory where it cannot be written.
    private func degrade(after failure: StoreError) {
        let old = database
        database = nil
        if isDurable, case .file(let path) = location {
            if failure.kind == .damaged, renew(path, after: failure) { return }
            // What the file holds is carried over, where it can be read.
            if failure.kind != .damaged, let old, let copy = try? Database() {
                if (try? copy.copy(from: old)) != nil { database = copy }
            }
            announce.yield(.youngInMemory(failure))
            isDurable = false
            // A file that stays behind could come back with numbers that are used from here on.
            if !StoreFile(path).remove() {
                epoch = newSeries()
                numbering.beginSeries(newSeries())
            }
        } else {
            announce.yield(.youngInMemory(failure))
        }
        if database == nil { database = StoreOpening(schema: .young, wall: nil).open(.memory).database }
        restore()
    }

    /// Renames the damaged file and begins a new one; the counts go on, which are known here.
    private func renew(_ path: String, after failure: StoreError) -> Bool {
        guard let name = try? StoreFile(path).setAside("damaged", at: nil) else { return false }
        announce.yield(.damaged(path: path, renamedTo: name, detail: failure.detail))
        let opened = StoreOpening(schema: .young, wall: nil).open(location)
        opened.notices.forEach { announce.yield($0.ofYoungTier) }
        isDurable = opened.isDurable
        database = opened.database
        restore()
        return true
    }

    /// Puts what is known here into a database that may lack it.
    private func restore() {
        guard let database else { return }
        do throws(StoreError) {
            // Swift 6.2 refuses a closure that captures both the actor and its database.
            try database.transaction { () throws(StoreError) in try saveWhatIsKnown() }
        } catch {
            self.database = nil
            announce.yield(.youngInMemory(error))
        }
    }

    private func saveWhatIsKnown() throws(StoreError) {
        guard let database else { return }
        try saveAll(database)
        for key in gone { try database.noteGone(key) }
        for (boot, wall) in bootClocks { try database.noteBootClock(boot, wall) }
    }
}
