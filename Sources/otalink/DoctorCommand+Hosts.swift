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
            return HostAdvice.finding(subject: subject, hosts: hosts, sightings: sightings)
        } catch {
            return Finding(verdict: .failed, subject: subject, text: "\(error)")
        }
    }
}

/// What an operator is told about hosts that are not ours.
enum HostAdvice {
    /// What was seen within so many seconds is a fault of now; what is older may have been mended.
    static let recently = 3_600

    static func finding(subject: String, hosts: OurHosts, sightings: [ForeignHosts.Sighting]) -> Finding {
        // One that was added meanwhile is none any more.
        let foreign = sightings.filter { !hosts.contains($0.host.name) }
        guard let latest = foreign.first else {
            return Finding(verdict: .good, subject: subject, text: hosts.list)
        }
        let names = unique(foreign.prefix(5).map(\.host.name)).joined(separator: ", ")
        let isRecent = latest.secondsAgo <= recently
        let text =
            "Pages were asked for under \(names), which is not \(hosts.list); the last time \(age(latest.secondsAgo)), from "
            + "\(latest.host.peer). \(remedy(foreign, latest))"
            + (isRecent
                ? "" : " If that is done, this goes away in thirty days, or with: DELETE FROM otalink.foreign_host")
        return Finding(verdict: isRecent ? .failed : .doubtful, subject: subject, text: text)
    }

    private static func remedy(_ foreign: [ForeignHosts.Sighting], _ latest: ForeignHosts.Sighting) -> String {
        let silent = foreign.first { $0.host.isOursElsewhere }
        if let silent {
            return "The proxy \(silent.host.peer) sends X-Forwarded-Host with our name and is not believed: name it in "
                + "OTALINK_TRUSTED_PROXIES."
        }
        return
            "If that is the proxy's inner name, have it send the browser's. nginx: proxy_set_header Host $http_host; Apache: "
            + "ProxyPreserveHost On; or X-Forwarded-Host from a proxy in OTALINK_TRUSTED_PROXIES. If customers use the name, add "
            + "it to OTALINK_HOSTS. The next release answers such requests with 421; so does now: otalink setting set ForeignHosts refuse"
    }

    private static func unique(_ names: [String]) -> [String] {
        names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
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
