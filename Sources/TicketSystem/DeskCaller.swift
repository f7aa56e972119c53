/// For whom the desk is called, and how urgent that is. From it a call has its turn, its time and its size.
///
/// It is known where a request comes in and needed where the web service is called, with much between them that has no use for it: so
/// it belongs to the task, and to the tasks that it starts.
public struct DeskCaller: Sendable, Hashable {
    /// What a call is for; the more urgent comes first.
    public enum Purpose: Int, Sendable, Comparable, CaseIterable {
        /// A customer has clicked and waits to be signed in.
        case signIn
        /// Somebody waits for a page or an answer.
        case page
        /// A customer's words go to the desk.
        case answer
        /// A file.
        case attachment
        /// Nobody waits: a job that runs at a scheduled time.
        case background

        public static func < (left: Purpose, right: Purpose) -> Bool { left.rawValue < right.rawValue }
    }

    public var purpose: Purpose
    /// Those who share this share turns, so that one session or link cannot take them all; nil: the call is nobody's in particular.
    public var party: String?

    public init(_ purpose: Purpose, party: String? = nil) {
        self.purpose = purpose
        self.party = party
    }

    /// The caller of this task.
    @TaskLocal public static var current = DeskCaller(.page)
}

extension OTOBOConfiguration {
    /// How long one call may take, the wait for its turn included.
    func timeout(for purpose: DeskCaller.Purpose) -> Duration {
        switch purpose {
        case .signIn, .page: requestTimeout
        case .answer, .background: requestTimeout * 5
        case .attachment: requestTimeout * 10
        }
    }

    /// The longest answer that is taken, in bytes.
    func maximumAnswerSize(for purpose: DeskCaller.Purpose) -> Int {
        switch purpose {
        case .signIn, .answer: min(maximumAnswerSize, 4 << 20)
        case .page, .background: maximumAnswerSize
        case .attachment: maximumAnswerSize * 4
        }
    }
}
