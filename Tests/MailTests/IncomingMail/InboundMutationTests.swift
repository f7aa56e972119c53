import Foundation
import LinkStore
import MailMessage
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing

@testable import IncomingMail

@Suite("Mutated mails through the whole filter")
struct InboundMutationTests {
    /// `make fuzz` sets more.
    private static let seconds = ProcessInfo.processInfo.environment["OTALINK_FUZZ_SECONDS"].flatMap { Int($0) } ?? 3

    @Test(
        "Whatever comes in: no crash, the body byte for byte, no steering field left but ours, all other fields as they were"
    )
    func mutations() async throws {
        try await withReplicas { (replicas, _, _) async throws in
            let filter = inboundFilter(replicas[0]) { $0.create = CreateCustomerUserSetting("{}") }
            let limit = ContinuousClock.now + .seconds(Self.seconds)
            var generator = SeededGenerator(seed: 20_261_125)
            var count = 0
            while ContinuousClock.now < limit {
                let message = mutated(&generator)
                let length = HeaderBlock.length(in: message) ?? message.count
                let header = HeaderBlock(parsing: message[..<length])
                let filtered = try await filter(header, envelopeSender: nil)
                if let fault = fault(header, filtered, body: message[length...]) {
                    Issue.record("\(fault) in \(String(decoding: message, as: UTF8.self).debugDescription)")
                    return
                }
                count += 1
            }
            print("\(count) mutated mails in \(Self.seconds) s")
        }
    }

    /// What the filter did wrong; nil: nothing.
    private func fault(_ header: HeaderBlock, _ filtered: FilteredMail, body: ArraySlice<UInt8>) -> String? {
        // Read again as the desk's reader does: what we wrote, not what we think we wrote.
        let written = filtered.header.serialised + body
        guard let length = HeaderBlock.length(in: written) else {
            return HeaderBlock.length(in: header.serialised + body) == nil ? nil : "the header has no end any more"
        }
        guard written[length...].elementsEqual(body) else { return "the body changed" }
        var rest = HeaderBlock(parsing: written[..<length])
        let ours = rest.remove(namesStartingWith: InboundFilter.steeringPrefixes)
        guard ours.count == (filtered.outcome.login == nil ? 0 : 4) else { return "\(ours.count) steering fields" }
        var expected = header
        _ = expected.remove(namesStartingWith: InboundFilter.steeringPrefixes)
        // The filter gives a mail its Message-ID unless it has a plain one.
        if (try? expected.set("Message-ID", to: "<any@example.org>")) == nil { return "no Message-ID can be set" }
        guard !rest.remove(namesStartingWith: ["Message-ID"]).isEmpty else { return "no Message-ID" }
        expected.remove(namesStartingWith: ["Message-ID"])
        return rest.serialised == expected.serialised ? nil : "other fields changed"
    }

    private func mutated(_ generator: inout SeededGenerator) -> [UInt8] {
        var message = Array((Self.mails.randomElement(using: &generator) ?? "").utf8)
        for _ in 0..<Int.random(in: 0...6, using: &generator) {
            let index = Int.random(in: 0...message.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0:
                message.insert(
                    contentsOf: Self.pieces.randomElement(using: &generator).map { Array($0.utf8) } ?? [], at: index)
            case 1 where index < message.count: message.remove(at: index)
            case 2 where index < message.count: message[index] = .random(in: 0...255, using: &generator)
            default: message.insert(contentsOf: message[..<index].suffix(24), at: index)
            }
        }
        return message
    }

    private static let mails = [
        "From: Anna Example <anna@example.org>\r\nTo: support@example.org\r\nSubject: Printer\r\n\r\nbody\r\n",
        "Return-Path: <nora@example.net>\nReceived: from a\n by b\nFrom: \"Newman, Nora\" <nora@example.net>\nX-OTOBO-Queue: Junk\n\nx\n",
        "From nora@example.net Wed Nov 25\nFrom: =?utf-8?Q?J=C3=B6rg?= <j@example.net>\nx-otrs-State:\n closed\nSubject: [Ticket#2026112510000018]\n\n",
        "Subject: no sender\r\n\r\nX-OTOBO-CustomerUser: in the body\r\n", "From: a@example.net\r\n", "\r\n\r\n",
    ]
    private static let pieces = [
        "X-OTOBO-CustomerUser: root\n", "\rX-OTRS-Queue: a", "\nX-Znuny-Lock :\tlock\r\n", "\n\n", "\r\n\r\n", "\r",
        "\0", " ", ":", "<", ">",
        "@", ",", "From: x@example.com\n", "(", "\"", "=?utf-8?B?", "\n ", "X-OTOBO-", "\u{FEFF}",
    ]
}
