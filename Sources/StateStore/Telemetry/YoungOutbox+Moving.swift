// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

extension YoungOutbox {
    /// Gathers what the disk has to get; until ``finish(_:)``, it may or may not be there.
    ///
    /// - Parameter end: The id of the last row that is to be moved; the youngest where it is not given.
    func begin(limit: Int, end: Int64? = nil) -> SyncBatch {
        let reservations = numbering.reservations()
        var result = SyncBatch(
            epoch: epoch, end: end ?? nextID - 1, series: numbering.series, isKnown: numbering.isKnown,
            reservations: reservations,
            unlimited: numbering.unlimited, before: movingThrough, batch: batch,
            bootClocks: bootClocks.filter { movedClocks[$0.key] != $0.value })
        // The disk may know the series from here on, whatever the answer is.
        numbering.limit(to: reservations)
        batch += 1
        let gathered = write { (database) throws(StoreError) in
            let rows = try database.outbox(after: 0, through: result.end, limit: limit)
            result.samples = rows.map(\.sample)
            result.through = rows.last?.id ?? 0
            result.deltas = try database.deltas()
            movingThrough = max(movingThrough, result.through)
            try saveAll(database)
            return result
        }
        result = gathered ?? result
        result.gone = Array(gone)
        return result
    }

    /// Forgets what is on the disk now.
    func finish(_ batch: SyncBatch) {
        numbering.renewed(batch.reservations, for: batch.series)
        gone.subtract(batch.gone)
        movedClocks.merge(batch.bootClocks) { _, new in new }
        write { (database) throws(StoreError) in
            try database.run("DELETE FROM outbox WHERE id <= ?", [.integer(batch.through)])
            database.known.outboxCount = nil
            for key in batch.gone { try database.forgetGone(key) }
            try database.run("DELETE FROM delta WHERE batch <= ?", [.integer(batch.batch)])
            try saveAll(database)
        }
    }

    /// Rows that may be on the disk as well.
    func moving() -> [SampleKey] {
        guard movingThrough > 0 else { return [] }
        let rows = read { (database) throws(StoreError) in
            try database.outbox(after: 0, through: movingThrough, limit: .max)
        }
        return rows?.map(\.sample.key) ?? []
    }

    /// Forgets rows that are on the disk.
    func forget(_ keys: [SampleKey]) {
        guard !keys.isEmpty else { return }
        write { (database) throws(StoreError) in
            try database.deleteYoung(keys)
        }
    }

    /// Forgets that rows were acknowledged, because the disk does not have them.
    func forgetGone(_ keys: Set<SampleKey>) {
        guard !keys.isEmpty else { return }
        gone.subtract(keys)
        write { (database) throws(StoreError) in
            for key in keys { try database.forgetGone(key) }
        }
    }

    /// Nothing of it is on the disk, or, where that is not certain, perhaps all of it.
    func giveUp(_ batch: SyncBatch, isCertain: Bool) {
        guard isCertain else { return }
        numbering.refused(batch.series, unlimited: batch.unlimited)
        movingThrough = batch.before
        write { (database) throws(StoreError) in try saveAll(database) }
    }

    /// Puts what memory holds into the file again, where that has become possible.
    func recover(at moment: StoreMoment) {
        guard !isDurable, case .file(let path) = location, let database else { return }
        let file = StoreFile(path)
        // What lies there is from before; what of it could be read is in memory already.
        var aside: String?
        if file.isRegular {
            aside = try? file.setAside("before", at: moment.wall)
            guard aside != nil else { return }
        }
        let opened = StoreOpening(schema: .young, wall: moment.wall).open(location)
        guard opened.isDurable, let fresh = opened.database, (try? fresh.replaceAll(from: database)) != nil
        else {
            // What this attempt has left is empty, and the next one would set it aside.
            _ = file.remove()
            return
        }
        self.database = fresh
        isDurable = true
        announce.yield(.youngRecovered(path: path, setAside: aside))
    }
}
