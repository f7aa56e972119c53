import ArgumentParser
import OneTimeLinks

/// The command; one file a subcommand.
@main
struct Otalink: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "otalink",
        abstract: "One-time links that let the customers of a help desk see their ticket without a password.",
        discussion: """
            The service and its tools read their configuration from the environment:

              OTALINK_DATABASE_URL         PostgreSQL, such as postgresql://otalink@db.example.org/otalink
              OTALINK_DATABASE_DIRECT_URL  the same without a pooler, for LISTEN and locks; default: the one above
              OTALINK_CUSTOMER_DATABASE_URL  the desk's own database of customer users, if it is a PostgreSQL
              OTALINK_SECRET_KEYS          secret keys, the signing one first; or OTALINK_SECRET_KEYS_FILE
              OTALINK_BASE_URL             what customers type, such as https://tickets.example.org
              OTALINK_LISTEN               address and port of the service; default: 127.0.0.1:8080
              OTALINK_DESK_URL             web service of the desk, up to and including its name
              OTALINK_DESK_LOGIN           agent who may read all tickets that get links
              OTALINK_DESK_PASSWORD        or OTALINK_DESK_PASSWORD_FILE
              OTALINK_DESK_TIME_ZONE       zone of the times that the desk writes; default: UTC
              OTALINK_DESK_TICKET_URL      the desk's own address of a ticket; its number is appended
              OTALINK_SMTP_URL             where mails go, such as smtp://otalink@mail.example.org:587
              OTALINK_SMTP_PASSWORD        or OTALINK_SMTP_PASSWORD_FILE, if the URL names a user
              OTALINK_MAIL_FROM            author of the mails, such as Help Desk <support@example.org>
              OTALINK_CA_FILE              authority of desk and mail server, where it is a private one
              OTALINK_LOG_LEVEL            debug, info, notice, warning, error
              OTALINK_LOG_FORMAT           text or json; default: text

            docs/configuration.md has them all, and the settings that change while the service runs. Every command has an example in its \
            --help; docs/commands.md lists them, and what their exit codes mean. To begin:

              otalink keys generate
              otalink migrate up
              otalink doctor
              otalink serve
            """,
        version: Release.version,
        subcommands: [
            ServeCommand.self, HealthCommand.self, DoctorCommand.self, MigrateCommand.self, KeysCommand.self,
            LinkCommand.self,
            MailCommand.self, ExpireCommand.self, SessionCommand.self, CustomerCommand.self, SettingCommand.self,
            NotificationCommand.self, APIKeyCommand.self, AuditCommand.self, DeskCommand.self, ImportCommand.self,
            OIDCCommand.self,
        ])
}
