import MailMessage
import TestSupport
import Testing

@Suite("Who wrote a mail")
struct SenderRuleTests {
    @Test("Each message names its sender or is refused", arguments: namedSenders + refusedSenders + robotSenders)
    func sender(row: SenderRow) {
        switch SenderRule.verdict(for: HeaderBlock(parsing: header(row))) {
        case .sender(let sender):
            #expect(sender.address == row.sender)
            #expect(sender.displayName == row.displayName)
        case .refused(let refusal):
            #expect("!\(refusal)" == row.sender)
        }
    }

    @Test("Each message is a person's or a program's", arguments: namedSenders + refusedSenders + robotSenders)
    func robot(row: SenderRow) {
        let rule = RobotRule(ownAddresses: ["desk@example.com"])
        let reason = rule.reason(for: HeaderBlock(parsing: header(row)), envelopeSender: row.envelopeSender)
        #expect(reason?.rawValue == row.robot)
    }

    @Test(
        "Mails of a list by which people write to the desk are people's; all other marks still count",
        arguments: [
            ("List-Id: Support <support.example.org>\nPrecedence: list\nX-BeenThere: support@example.org", nil),
            ("List-Id: <Support.Example.org>\nList-Unsubscribe: <https://example.org/u>", nil),
            ("List-Id: support.example.org", nil),
            ("List-Id: <other.example.org>", "mailing-list"),
            ("List-Id: <support.example.org>\nList-Id: <other.example.org>", "mailing-list"),
            ("List-Unsubscribe: <https://example.org/u>", "mailing-list"),
            ("List-Id: <support.example.org>\nPrecedence: bulk", "bulk"),
            ("List-Id: <support.example.org>\nAuto-Submitted: auto-replied", "automatic-answer"),
            ("List-Id: <support.example.org>\nReturn-Path: <>", "empty-envelope-sender"),
        ] as [(String, String?)])
    func lists(lines: String, robot: String?) {
        let header = HeaderBlock(parsing: Array("\(lines)\nFrom: Jane <jane@example.org>\n\n".utf8))
        let rule = RobotRule(peoplesLists: ["support.example.org"])
        #expect(rule.reason(for: header)?.rawValue == robot)
        #expect(robot != nil || RobotRule().reason(for: header) == .mailingList)
    }

    @Test(
        "Who wants no automatic answer says All",
        arguments: [
            ("All", true), ("DR, all", true), ("DR, OOF, AutoReply", false), ("None", false), ("", false),
            ("allowed", false),
        ])
    func quiet(value: String, isQuiet: Bool) {
        let header = HeaderBlock(parsing: Array("X-Auto-Response-Suppress: \(value)\n\n".utf8))
        #expect(RobotRule.wantsNoAutomaticAnswer(header) == isQuiet)
    }

    @Test("A sender's canonical address is read back as itself", arguments: namedSenders)
    func canonical(row: SenderRow) throws {
        #expect(try MailAddress(row.sender).address == row.sender)
    }

    @Test("The tables hold at least 130 messages, each under its own name")
    func tables() {
        let rows = namedSenders + refusedSenders + robotSenders
        #expect(rows.count >= 130)
        #expect(Set(rows.map(\.name)).count == rows.count)
    }

    /// The header section of a row, cut where a reader would cut it.
    private func header(_ row: SenderRow) -> ArraySlice<UInt8> {
        row.header.prefix(HeaderBlock.length(in: row.header) ?? row.header.count)
    }
}
