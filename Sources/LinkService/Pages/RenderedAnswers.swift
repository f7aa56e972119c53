import Catalogue
import Hummingbird
import LinkPages
import Synchronization

/// Answer pages that were rendered before: the same answer in the same frame is the same bytes.
final class RenderedAnswers: Sendable {
    private struct Key: Hashable {
        let answer: AnswerPage.Answer
        let language: Language
        let siteName: String?
        let support: SupportContact?
    }

    /// There are few answers and languages; more keys than this means that settings were changed.
    private static let capacity = 64

    private let bodies = Mutex([Key: ByteBuffer]())

    func body(of answer: AnswerPage.Answer, in frame: PageFrame) -> ByteBuffer {
        // The id of a request is on no other page.
        switch answer {
        case .internalError, .signInRefused: return Self.render(answer, frame)
        default: break
        }
        let key = Key(answer: answer, language: frame.language, siteName: frame.siteName, support: frame.support)
        if let body = bodies.withLock({ $0[key] }) { return body }
        let body = Self.render(answer, frame)
        bodies.withLock { bodies in
            if bodies.count >= Self.capacity { bodies.removeAll() }
            bodies[key] = body
        }
        return body
    }

    private static func render(_ answer: AnswerPage.Answer, _ frame: PageFrame) -> ByteBuffer {
        ByteBuffer(string: AnswerPage(answer).document(in: frame))
    }
}
