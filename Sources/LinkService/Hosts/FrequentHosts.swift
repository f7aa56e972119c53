import LinkStore

/// The foreign hosts that were asked for most often, in few places, although a client can invent any number of them: a host that
/// has no place takes that of the rarest, and its count (Space-Saving; Metwally, Agrawal, El Abbadi 2005).
struct FrequentHosts {
    private struct Place {
        /// Requests under this host, and those of the hosts that had the place before.
        var count: Int
        var inherited: Int
        /// When the host came, as a number.
        let turn: Int
    }

    private let capacity: Int
    private var places: [ForeignHost: Place] = [:]
    /// All requests, also under hosts that have no place any more.
    private(set) var requests = 0

    init(capacity: Int) {
        self.capacity = capacity
    }

    mutating func add(_ host: ForeignHost) {
        requests += 1
        if places[host] != nil {
            places[host]?.count += 1
            return
        }
        var inherited = 0
        if places.count >= capacity,
            let rarest = places.min(by: { ($0.value.count, $0.value.turn) < ($1.value.count, $1.value.turn) })
        {
            inherited = rarest.value.count
            places[rarest.key] = nil
        }
        places[host] = Place(count: inherited + 1, inherited: inherited, turn: requests)
    }

    /// Each host with the requests that were certainly under it.
    var counts: [ForeignHost: Int] { places.mapValues { $0.count - $0.inherited } }
}
