import LinkStore
import Notifications
import OneTimeLinks
import TicketSystem

extension OutboxWorker {
    /// The stored text that a mail is to have; nil: the built-in one.
    ///
    /// - Throws: `TicketSystemError` where the desk is asked for an article and does not answer for now, or an error of the
    ///   database.
    func text(
        of mail: ClaimedMail, _ contents: MailContents, settings: Settings
    ) async throws -> NotificationText? {
        guard let id = mail.notificationID else { return nil }
        let languages = [mail.language, settings.text(SettingName.defaultLanguage)].compactMap(\.self)
        guard let notification = try await store.notifications.find(id: id), notification.isValid,
            let message = notification.message(in: languages)
        else {
            logger.warning(
                "A notification is missing, not valid or empty; the built-in text is mailed",
                metadata: ["notification": "\(id)", "mail": "\(mail.id.text)"])
            return nil
        }
        guard NotificationTags.asksForArticle(message), let ticket = contents.ticket else {
            return NotificationText(message: message)
        }
        return NotificationText(message: message, article: try await latestArticle(of: ticket, for: mail))
    }

    private func latestArticle(of ticket: Ticket, for mail: ClaimedMail) async throws -> TicketArticle? {
        do {
            return try await desk?.articles(ofTicket: ticket.ticketID).last
        } catch let error as TicketSystemError where !error.isTransient {
            // The link matters more than the quotation.
            logger.warning(
                "The desk gives no article to quote; the mail goes out without",
                metadata: ["mail": "\(mail.id.text)", "error": "\(error)"])
            return nil
        }
    }
}
