// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// First in, first out, both in constant time.
struct Queue<Element: Sendable>: Sendable {
    private var storage: [Element] = []
    private var head = 0

    var isEmpty: Bool { head == storage.count }
    var count: Int { storage.count - head }
    var first: Element? { isEmpty ? nil : storage[head] }
    var elements: ArraySlice<Element> { storage[head...] }

    mutating func append(_ element: Element) { storage.append(element) }

    mutating func popFirst() -> Element? {
        guard !isEmpty else { return nil }
        defer {
            head += 1
            if head == storage.count {
                storage.removeAll(keepingCapacity: true)
                head = 0
            } else if head >= 64, head * 2 >= storage.count {
                storage.removeSubrange(..<head)
                head = 0
            }
        }
        return storage[head]
    }
}
