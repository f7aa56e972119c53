import NIOCore

/// Carries out what a session wants done.
struct SMTPConnection {
    let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    let delay: Duration?
    let state: Watched<SMTPSinkState>
    /// How often the sink had been resumed when the connection was made.
    let resumptionsBefore: Int
    /// Keeps a mail and gives it its number.
    let keep: (ReceivedMail) async throws -> Int

    /// False when the connection is to be closed.
    func carryOut(_ actions: [SMTPSession.Action]) async throws -> Bool {
        for action in actions {
            switch action {
            case .note(let step):
                await state.change { $0.reach(step) }
            case .reply(let text):
                try await write(text + "\r\n")
            case .halfReply(let text):
                try await write(String(text.prefix(text.count / 2)))
            case .keep(let mail, let fault):
                guard try await carryOut(take(mail, fault)) else { return false }
            case .pause:
                try await state.first { [resumptionsBefore] in $0.resumptions > resumptionsBefore ? () : nil }
            case .standStill:
                // Ends with the task, and so with the sink.
                let _: Never = try await state.first { _ in nil }
            case .close:
                return false
            }
        }
        return true
    }

    private func take(_ mail: ReceivedMail, _ fault: SMTPScript.Fault?) async -> [SMTPSession.Action] {
        let reply: String
        do {
            reply = "250 2.0.0 Ok: queued as \(try await keep(mail))"
        } catch {
            return [.reply("451 4.3.0 The mail could not be stored")]
        }
        return switch fault {
        case nil: [.reply(reply)]
        case .reply(let text): [.reply(text)]
        case .hang: []
        case .pause: [.pause, .reply(reply)]
        case .cut: [.close]
        case .cutMidReply: [.halfReply(reply), .close]
        }
    }

    private func write(_ text: String) async throws {
        if let delay { try await Task.sleep(for: delay) }
        try await outbound.write(ByteBuffer(string: text))
    }
}
