import OneTimeLinks
import Testing

@testable import LinkStore

@Suite("Notifications in PostgreSQL")
struct NotificationsTests {
    private static func notification(_ id: Int, _ name: String, languages: [String] = ["de", "en"])
        -> StoredNotification
    {
        StoredNotification(
            id: id, name: name, comment: "c\(id)", event: .articleCreate, isValid: id != 3,
            messages: languages.map {
                NotificationMessage(
                    language: $0, subject: "S \(name)", body: "<b>\n'\\ ü 🦊", contentType: $0 == "de" ? .html : .plain)
            })
    }

    @Test("What is stored under an id comes back the same, and a second time replaces it")
    func replace() async throws {
        try await withStore { (store, _) async throws in
            let notifications = [Self.notification(42, "A"), Self.notification(3, "B", languages: [])]
            try await store.notifications.replace(notifications)
            #expect(try await store.notifications.list() == notifications.reversed())
            #expect(try await store.notifications.find(id: 42) == notifications[0])
            #expect(try await store.notifications.find(id: 1) == nil)
            var changed = Self.notification(42, "B", languages: ["fr"])
            changed.event = nil
            changed.isValid = false
            // Names may change places.
            try await store.notifications.replace([changed, Self.notification(3, "A")])
            #expect(try await store.notifications.list() == [Self.notification(3, "A"), changed])
            try await store.notifications.replace([])
            #expect(try await store.notifications.list().count == 2)
        }
    }

    @Test("An id that is given out later is higher than all there ever were")
    func sequence() async throws {
        try await withStore { (store, _) async throws in
            let message = NotificationMessage(language: "de", subject: "S", body: "B")
            #expect(try await store.notifications.add(message, toName: "first", event: nil) == 1)
            try await store.notifications.replace([Self.notification(42, "A")])
            #expect(try await store.notifications.add(message, toName: "second", event: nil) == 43)
            #expect(try await store.notifications.remove(id: 43))
            try await store.notifications.replace([Self.notification(7, "B")])
            #expect(try await store.notifications.add(message, toName: "third", event: nil) == 44)
        }
    }

    @Test("A name that another notification has is refused, and nothing is changed")
    func nameTaken() async throws {
        try await withStore { (store, _) async throws in
            try await store.notifications.replace([Self.notification(1, "A")])
            await #expect(throws: NotificationNameTaken(name: "A", id: 1)) {
                try await store.notifications.replace([Self.notification(2, "B"), Self.notification(9, "A")])
            }
            #expect(try await store.notifications.list().map(\.id) == [1])
        }
    }

    @Test("Texts are added language by language, and the event stays unless another is named")
    func add() async throws {
        try await withStore { (store, _) async throws in
            var german = NotificationMessage(language: "de", subject: "S", body: "B")
            let english = NotificationMessage(language: "en", subject: "S", body: "B", contentType: .html)
            let id = try await store.notifications.add(german, toName: "N", event: .ticketClose)
            #expect(try await store.notifications.add(english, toName: "N", event: nil) == id)
            german.body = "C"
            #expect(try await store.notifications.add(german, toName: "N", event: nil) == id)
            #expect(
                try await store.notifications.list() == [
                    StoredNotification(id: id, name: "N", event: .ticketClose, messages: [german, english])
                ])
            _ = try await store.notifications.add(german, toName: "N", event: .ticketCreate)
            #expect(try await store.notifications.find(id: id)?.event == .ticketCreate)
            #expect(try await store.notifications.remove(id: id))
            #expect(try await store.notifications.remove(id: id) == false)
        }
    }

    @Test("An event finds what is valid and has a text")
    func event() async throws {
        try await withStore { (store, _) async throws in
            try await store.notifications.replace([
                Self.notification(5, "B"), Self.notification(3, "invalid"), Self.notification(4, "A"),
                Self.notification(6, "empty", languages: []),
            ])
            #expect(try await store.notifications.find(event: .articleCreate).map(\.id) == [4, 5])
            #expect(try await store.notifications.find(event: .ticketClose) == [])
        }
    }

    @Test("An event is queued once, with all its mails and one link, however many tell of it at once")
    func offeredOnce() async throws {
        try await withStore { (store, database) async throws in
            let queued = try await withThrowingTaskGroup(of: EventMail.self) { group in
                for _ in 0..<12 {
                    let link = try store.newLink(origin: .notification)
                    let mails = [1, 2].map {
                        NewMail(id: .version7(), kind: .notification, notificationID: $0, language: "de")
                    }
                    group.addTask {
                        try await store.links.offer(
                            link, in: mails, eventKey: "TicketCreate 1", isFirst: false, firstLinksPerHour: 5,
                            context: .none)
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 == .told ? 0 : 1 }
            }
            #expect(queued == 1)
            #expect(
                try await database.psql(
                    "SELECT count(*), count(DISTINCT link_id), count(event_key) FROM otalink.mail_outbox") == "2|1|1")
            #expect(try await database.psql("SELECT count(*), min(state) FROM otalink.link") == "1|offered")
            #expect(
                try await database.psql("SELECT count(*) FROM otalink.audit_event WHERE event = 'link.issued'") == "1")
        }
    }

    @Test("A first link is queued for somebody who never had one, and the same event for another person is none")
    func firstLink() async throws {
        try await withStore { (store, database) async throws in
            func offer(_ key: String?, isFirst: Bool, login: String = "anna@example.org") async throws -> QueuedMail? {
                var link = try store.newLink(origin: .notification)
                link.customerLogin = login
                let mail = NewMail(id: .version7(), kind: .notification, notificationID: nil, language: "de")
                let queued = try await store.links.offer(
                    link, in: [mail], eventKey: key, isFirst: isFirst, firstLinksPerHour: 5, context: .none)
                return if case .queued(let mail) = queued { mail } else { nil }
            }
            #expect(try await offer(nil, isFirst: true) != nil)
            #expect(try await offer(nil, isFirst: true) == nil)
            #expect(try await offer("a", isFirst: true) == nil)
            #expect(try await offer("a", isFirst: false) != nil)
            #expect(try await offer("a", isFirst: false, login: "berta") == nil)
            #expect(try await offer("b", isFirst: true, login: "berta") != nil)
            #expect(try await database.psql("SELECT count(*) FROM otalink.link") == "3")
        }
    }
}
