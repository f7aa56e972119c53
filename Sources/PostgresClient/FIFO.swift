/// A first-in-first-out queue over an array: taking from the front moves an index, and the taken part is dropped
/// when it outgrows the rest.
struct FIFO<Element> {
    private var storage: [Element?] = []
    private var head = 0

    var count: Int { storage.count - head }
    var isEmpty: Bool { head == storage.count }

    var first: Element? { isEmpty ? nil : storage[head] }

    mutating func append(_ element: Element) {
        storage.append(element)
    }

    /// Puts an element before all others.
    mutating func prepend(_ element: Element) {
        if head > 0 {
            head -= 1
            storage[head] = element
        } else {
            storage.insert(element, at: 0)
        }
    }

    mutating func popFirst() -> Element? {
        guard !isEmpty else { return nil }
        let element = storage[head]
        storage[head] = nil
        head += 1
        if head == storage.count {
            storage.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 32, head * 2 >= storage.count {
            storage.removeFirst(head)
            head = 0
        }
        return element
    }

    /// Changes the first element in place.
    mutating func updateFirst<Value>(_ change: (inout Element) -> Value) -> Value? {
        guard !isEmpty, var element = storage[head] else { return nil }
        // Leaves the queue's copy empty during the change, so that arrays inside are not copied.
        storage[head] = nil
        defer { storage[head] = element }
        return change(&element)
    }

    /// All elements, first to last.
    var elements: [Element] { storage[head...].compactMap { $0 } }

    /// Takes everything out.
    mutating func drain() -> [Element] {
        defer {
            storage.removeAll()
            head = 0
        }
        return elements
    }
}
