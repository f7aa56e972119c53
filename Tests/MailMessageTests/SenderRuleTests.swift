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
