import LinkService
import LinkStore

extension DoctorCommand {
    /// Whether customers' pages are asked for under our own hosts, as the replicas see it.
    func hosts(_ surroundings: Surroundings) async -> Finding {
        let subject = "hosts"
        do {
            let (hosts, sightings) = (
                try surroundings.environment.hosts(), try await surroundings.store.foreignHosts.read()
            )
            return HostAdvice(
                hosts: hosts, sightings: sightings,
                areRefused: try await surroundings.store.settings.read().refusesForeignHosts
            ).finding(subject: subject)
        } catch {
            return Finding(verdict: .failed, subject: subject, text: "\(error)")
        }
    }
}

/// What an operator is told about hosts that are not ours.
struct HostAdvice {
    private let hosts: OurHosts
    private let foreign: [ForeignHosts.Sighting]
    private let areRefused: Bool

    /// - Parameters:
    ///   - sightings: the one with the most requests first.
    ///   - areRefused: the setting `ForeignHosts` says so.
    init(hosts: OurHosts, sightings: [ForeignHosts.Sighting], areRefused: Bool) {
        self.hosts = hosts
        // One that was added meanwhile is none any more.
        foreign = sightings.filter { !hosts.contains($0.host.name) }
        self.areRefused = areRefused
    }

    /// What was seen within so many seconds is a fault of now; what is older may have been mended.
    private static let recently = 3_600
    /// Anybody can send so many requests by accident.
    private static let many = 50

    func finding(subject: String) -> Finding {
        guard let latest = foreign.min(by: { $0.secondsAgo < $1.secondsAgo }) else {
            return Finding(verdict: .good, subject: subject, text: hosts.list)
        }
        let isRecent = latest.secondsAgo <= Self.recently
        let sentences =
            [
                "Pages were asked for under \(names), which is not \(hosts.list)"
                    + (areRefused ? ", and are refused (ForeignHosts)" : "")
                    + "; the last time \(Self.age(latest.secondsAgo)), from \(latest.host.peer).", Self.innerName,
            ] + (silentPeers.isEmpty ? [] : [untrustedProxy])
            + (areRefused
                ? []
                : [
                    "The next release answers such requests with 421; so does now: otalink setting set ForeignHosts refuse"
                ])
            + [
                areRefused ? "" : "This fails for an hour after the last such request.",
                "A host is forgotten thirty days after its last request, all at once are with this statement: "
                    + "DELETE FROM otalink.foreign_host",
            ]
        let verdict: Finding.Verdict =
            switch (isRecent, areRefused) {
            case (true, false): .failed
            case (true, true), (false, false): .doubtful
            case (false, true): .good
            }
        return Finding(
            verdict: verdict, subject: subject, text: sentences.filter { !$0.isEmpty }.joined(separator: " "))
    }

    /// Five of them, each with its requests.
    private var names: String {
        var requests: [String: Int] = [:]
        var names: [String] = []
        for sighting in foreign {
            if requests[sighting.host.name] == nil { names.append(sighting.host.name) }
            requests[sighting.host.name, default: 0] += sighting.requests
        }
        let shown = names.prefix(5).map { "\($0) (\(requests[$0] ?? 0))" }
        return shown.joined(separator: ", ") + (names.count > 5 ? " and \(names.count - 5) more" : "")
    }

    private static let innerName =
        "If that is the proxy's inner name, have it send the browser's. nginx: proxy_set_header Host $http_host; Apache: "
        + "ProxyPreserveHost On; or X-Forwarded-Host from a proxy in OTALINK_TRUSTED_PROXIES. If customers use the name, add "
        + "it to OTALINK_HOSTS."

    /// Any client can send the field. So only those are named that stand in an inner network, or behind most of the requests.
    private var silentPeers: [String] {
        let all = foreign.reduce(0) { $0 + $1.requests }
        var requests: [String: Int] = [:]
        for sighting in foreign where sighting.host.isOursElsewhere {
            requests[sighting.host.peer, default: 0] += sighting.requests
        }
        return requests.keys.sorted().filter { peer in
            let own = requests[peer] ?? 0
            return AddressRange.isInner(peer) || (own >= Self.many && own * 2 > all)
        }
    }

    private var untrustedProxy: String {
        let peers = silentPeers.prefix(3).joined(separator: ", ")
        return
            "\(peers) sent X-Forwarded-Host with our name, as any client can, and is not believed. If \(peers) is a proxy of "
            + "yours, and only then, name it in OTALINK_TRUSTED_PROXIES."
    }

    private static func age(_ seconds: Int) -> String {
        switch seconds {
        case ..<120: "\(max(0, seconds)) s ago"
        case ..<7_200: "\(seconds / 60) min ago"
        case ..<172_800: "\(seconds / 3_600) h ago"
        default: "\(seconds / 86_400) days ago"
        }
    }
}
