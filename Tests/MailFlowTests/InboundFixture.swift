import LinkStore
import OneTimeLinks
import ReplicaSupport
import TicketSystem

@testable import MailFlow

/// A filter under a policy that the test changes; unchanged it creates nobody.
func inboundFilter(
    _ replica: Replica, desk: (any TicketSystem)? = nil, change: (inout InboundPolicy) -> Void = { _ in }
) -> InboundFilter {
    inboundFilter(replica.store, desk: desk, change: change)
}

func inboundFilter(
    _ store: LinkStore, desk: (any TicketSystem)? = nil, change: (inout InboundPolicy) -> Void = { _ in }
) -> InboundFilter {
    var policy = InboundPolicy(settings: Settings())
    change(&policy)
    return InboundFilter(
        customerUsers: store.customerUsers, audit: store.audit,
        followUps: FollowUps(tickets: store.tickets, outbox: store.outbox, desk: desk), policy: policy)
}
