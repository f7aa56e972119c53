import Foundation

extension OTOBOConnector {
    public func check() async -> [TicketSystemFinding] {
        var findings = await checkLogin()
        guard !findings.contains(where: { $0.verdict == .bad }) else { return findings }
        let newest: Int64?
        do {
            newest = try await newestTicket()
        } catch {
            return findings + [TicketSystemFinding(.search, .bad, "\(error)")]
        }
        guard let newest else {
            let text =
                "The search finds no ticket. Unless the desk is empty, otalink's agent lacks the permission `ro` "
                + "on the queues whose tickets get links."
            return findings + [TicketSystemFinding(.search, .doubtful, text)]
        }
        findings.append(TicketSystemFinding(.search, .good, "Searching works."))
        findings += await checkReading(of: newest)
        await findings.append(checkCloseTimes())
        await findings.append(checkHistory(of: newest))
        return findings
    }

    private func checkLogin() async -> [TicketSystemFinding] {
        do {
            try await ensureLogin()
            return [
                TicketSystemFinding(.reachable, .good, "The web service answers."),
                TicketSystemFinding(.login, .good, "Login and password are accepted."),
            ]
        } catch let error as TicketSystemError {
            guard case .loginRefused = error.kind else { return [TicketSystemFinding(.reachable, .bad, "\(error)")] }
            return [
                TicketSystemFinding(.reachable, .good, "The web service answers."),
                TicketSystemFinding(.login, .bad, "\(error)"),
            ]
        } catch {
            return [TicketSystemFinding(.reachable, .untried, "The check was cancelled.")]
        }
    }

    /// The ticket that changed last, or the newest one where the desk does not sort by change.
    private func newestTicket() async throws -> Int64? {
        let sorted = try await anyTickets([("SortBy", "Changed"), ("OrderBy", "Down")])
        return sorted.isEmpty ? try await anyTickets([]).first : sorted.first
    }

    private func anyTickets(_ parameters: [(name: String, value: String)]) async throws -> [Int64] {
        try await call(
            .ticketSearch, path: "/Ticket", parameters: parameters + [("Limit", "1")], as: OTOBOSearchResult.self
        ).ids
    }

    private func checkReading(of id: Int64) async -> [TicketSystemFinding] {
        do {
            let ticket = try await wireTicket(id, parameters: [("AllArticles", "1")])
            return [
                TicketSystemFinding(.ticket, .good, "Tickets and articles can be read."), checkTimeZone(with: ticket),
            ]
        } catch {
            return [TicketSystemFinding(.ticket, .bad, "\(error)")]
        }
    }

    private func checkCloseTimes() async -> TicketSystemFinding {
        do {
            guard let closed = try await anyTickets([("StateType", "closed")]).first else {
                return TicketSystemFinding(.closeTimes, .untried, "The desk has no closed ticket to try it on.")
            }
            let ticket = try await wireTicket(closed, parameters: [("Extended", "1")])
            guard let time = ticket.closed?.value?.text, times.date(from: time) != nil else {
                let text =
                    "A closed ticket came without a readable close time (`Closed`), so links would outlive their tickets. "
                    + "Check that the web service's TicketGet hands `Extended` on."
                return TicketSystemFinding(.closeTimes, .bad, text)
            }
            return TicketSystemFinding(.closeTimes, .good, "Closed tickets come with the time of their close.")
        } catch {
            return TicketSystemFinding(.closeTimes, .bad, "\(error)")
        }
    }

    private func checkHistory(of id: Int64) async -> TicketSystemFinding {
        do {
            _ = try await histories(of: [id])
            return TicketSystemFinding(.history, .good, "Histories can be read, so links follow merges.")
        } catch {
            return TicketSystemFinding(
                .history, .doubtful, "\(error) Until then, links of merged tickets do not lead to the other ticket.")
        }
    }

    /// Compares the zone with what the desk shows of it.
    ///
    /// An article has its time of arrival twice: as a local time, and in seconds since 1970. Without one, only a
    /// change in the future gives a wrong zone away.
    private func checkTimeZone(with ticket: OTOBOTicket) -> TicketSystemFinding {
        // Foundation's name for UTC is another one than the administrator's.
        let zone = configuration.timeZone.identifier == "GMT" ? "UTC" : configuration.timeZone.identifier
        let pairs = (ticket.articles?.value?.elements ?? []).compactMap { article -> TimeInterval? in
            guard let local = article.createTime?.value.flatMap({ times.date(from: $0.text) }),
                let arrival = article.incomingTime?.value
            else { return nil }
            let ahead = local.timeIntervalSince1970 - TimeInterval(arrival.value)
            // No two zones are further apart. The ticket that every desk is installed with arrived in 2015.
            return abs(ahead) <= 26 * 3_600 ? ahead : nil
        }
        let ahead: TimeInterval
        if let difference = pairs.last {
            ahead = difference
        } else if let changed = ticket.changed?.value.flatMap({ times.date(from: $0.text) }) {
            ahead = changed.timeIntervalSince(clock.date())
            if ahead < 0 {
                let text = "The desk's times fit \(zone) as far as can be seen: none is in the future."
                return TicketSystemFinding(.timeZone, ahead > -86_400 ? .good : .doubtful, text)
            }
        } else {
            return TicketSystemFinding(.timeZone, .bad, "The desk's times cannot be read.")
        }
        guard abs(ahead) < 600 else {
            let minutes = Int((ahead / 60).rounded())
            let text =
                "The desk's times are \(abs(minutes)) minutes \(minutes > 0 ? "ahead of" : "behind") what \(zone) says. "
                + "Configure the zone that the desk has as `OTOBOTimeZone`, or set the clocks."
            return TicketSystemFinding(.timeZone, .bad, text)
        }
        return TicketSystemFinding(.timeZone, .good, "The desk's times fit \(zone).")
    }
}
