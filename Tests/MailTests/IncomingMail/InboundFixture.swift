import LinkStore
import OneTimeLinks
import ReplicaSupport
import TicketSystem

@testable import Customers
@testable import IncomingMail

/// A filter under a policy that the test changes; unchanged it creates nobody.
func inboundFilter(
    _ replica: Replica, directory: CustomerDirectory? = nil, desk: (any TicketSystem)? = nil,
    change: (inout InboundPolicy) -> Void = { _ in }
) -> InboundFilter {
    inboundFilter(replica.store, directory: directory, desk: desk, change: change)
}

/// Our own table is all that the desk has.
func ownDirectory(_ store: LinkStore) -> CustomerDirectory {
    CustomerDirectory(store: store, table: nil, declared: ["otalink"])
}

func inboundFilter(
    _ store: LinkStore, directory: CustomerDirectory? = nil, desk: (any TicketSystem)? = nil,
    change: (inout InboundPolicy) -> Void = { _ in }
) -> InboundFilter {
    var policy = InboundPolicy(settings: Settings())
    change(&policy)
    return InboundFilter(
        store: store, directory: directory ?? ownDirectory(store),
        followUps: FollowUps(tickets: store.tickets, outbox: store.outbox, desk: desk), policy: policy)
}
