// swift-tools-version: 6.1
import PackageDescription

/// Every target is compiled in the Swift 6 language mode; protocols used as types say `any`, and a
/// file imports what it uses.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
]

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]

let package = Package(
    name: "otalink",
    products: [
        .executable(name: "otalink", targets: ["otalink"]),
        .executable(name: "demo-desk", targets: ["demo-desk"]),
        .executable(name: "smtp-sink", targets: ["smtp-sink"]),
        // For "make faults", and for tests of what the years bring.
        .library(name: "ShiftedClock", type: .dynamic, targets: ["CShiftedClock"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: ["FullFoundation"]),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.0.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swiftcsv/SwiftCSV", from: "0.10.0"),
    ],
    targets: [
        // System libraries, and the few lines of C that Swift cannot say.
        .systemLibrary(name: "CLibPQSystem", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .target(name: "CLibPQ", dependencies: ["CLibPQSystem"]),
        .systemLibrary(name: "CLibCurlSystem", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(name: "CLibCurl", dependencies: ["CLibCurlSystem"]),
        .systemLibrary(name: "CGMimeSystem", pkgConfig: "gmime-3.0", providers: [.apt(["libgmime-3.0-dev"])]),
        .target(name: "CGMime", dependencies: ["CGMimeSystem"]),

        // One technology each.
        .target(name: "PostgresClient", dependencies: ["CLibPQ", logging, lifecycle], swiftSettings: settings),
        .target(name: "CurlClient", dependencies: ["CLibCurl", logging], swiftSettings: settings),
        .target(name: "MailMessage", dependencies: ["CGMime"], swiftSettings: settings),

        // What is counted for those who watch over the service.
        .target(name: "Measurements", swiftSettings: settings),

        // Threads for work that is as long as somebody else's text.
        .target(name: "LongWork", swiftSettings: settings),

        // Texts in HTML and as plain text: read, escaped, wrapped.
        .target(name: "Text", swiftSettings: settings),

        // The domain.
        .target(name: "OneTimeLinks", dependencies: [crypto], swiftSettings: settings),

        // What OpenID Connect asks of a provider: values and rules.
        .target(name: "OpenIDProvider", dependencies: [crypto, cryptoExtras], swiftSettings: settings),

        // What customers read: texts per language, and pages made of them.
        .target(name: "Catalogue", dependencies: ["Text"], swiftSettings: settings),
        .target(name: "LinkPages", dependencies: ["Catalogue", "Text"], swiftSettings: settings),

        // The domain meets the technologies.
        .target(name: "Migrator", dependencies: ["PostgresClient", crypto, logging], swiftSettings: settings),
        .target(name: "LinkStore", dependencies: ["OneTimeLinks", "PostgresClient", logging], swiftSettings: settings),
        .target(
            name: "OpenIDStore", dependencies: ["OneTimeLinks", "OpenIDProvider", "LinkStore", "PostgresClient"],
            swiftSettings: settings),
        .target(
            name: "TicketSystem", dependencies: ["OneTimeLinks", "CurlClient", "LongWork", "Text", logging],
            swiftSettings: settings),

        // Customer users of every backend.
        .target(
            name: "Customers",
            dependencies: [
                "OneTimeLinks", "LinkStore", "MailMessage", "PostgresClient", "Text",
                .product(name: "SwiftCSV", package: "SwiftCSV"), logging,
            ],
            swiftSettings: settings),

        // How every replica works off what waits in a table.
        .target(name: "Queues", dependencies: ["PostgresClient", lifecycle], swiftSettings: settings),

        // The two filters, and what our own mails say.
        .target(
            name: "IncomingMail",
            dependencies: ["OneTimeLinks", "LinkStore", "Customers", "TicketSystem", "MailMessage", "Text", logging],
            swiftSettings: settings),
        .target(
            name: "OutgoingMail",
            dependencies: ["OneTimeLinks", "LongWork", "MailMessage", "Catalogue", "Text", crypto],
            swiftSettings: settings),
        .target(
            name: "Notifications",
            dependencies: ["OneTimeLinks", "LinkStore", "TicketSystem", "MailMessage", "Catalogue", "Text", yams],
            swiftSettings: settings),

        // The acts on links: issue, redeem, refresh, check a session.
        .target(
            name: "LinkActs",
            dependencies: [
                "OneTimeLinks", "OpenIDProvider", "LinkStore", "OpenIDStore", "Customers", "TicketSystem", "Queues",
                "PostgresClient", crypto, logging, lifecycle,
            ],
            swiftSettings: settings),

        // What the desk reports, and our own mails on their way out.
        .target(
            name: "DeskReports",
            dependencies: [
                "OneTimeLinks", "LinkStore", "LinkActs", "Customers", "IncomingMail", "TicketSystem", "Queues",
                "PostgresClient", logging, lifecycle,
            ],
            swiftSettings: settings),
        .target(
            name: "Outbox",
            dependencies: [
                "OneTimeLinks", "LinkStore", "IncomingMail", "Notifications", "TicketSystem", "Queues", "MailMessage",
                "Catalogue", "CurlClient", "PostgresClient", logging, lifecycle,
            ],
            swiftSettings: settings),

        // The filters as a mail server and a desk call them.
        .target(
            name: "MailCommands",
            dependencies: ["LinkStore", "IncomingMail", "OutgoingMail", "MailMessage", logging],
            swiftSettings: settings),

        // What runs at scheduled times, on one replica.
        .target(
            name: "Jobs",
            dependencies: [
                "OneTimeLinks", "OpenIDProvider", "LinkStore", "OpenIDStore", "LinkActs", "TicketSystem",
                "PostgresClient",
                logging, lifecycle,
            ],
            swiftSettings: settings),

        // What the old add-on left behind: its table is read, its links are imported.
        .target(
            name: "AddOn",
            dependencies: [
                "OneTimeLinks", "LinkStore", "TicketSystem", "PostgresClient",
                .product(name: "SwiftCSV", package: "SwiftCSV"),
            ],
            swiftSettings: settings),

        // The HTTP side.
        .target(
            name: "LinkService",
            dependencies: [
                "LongWork", "OneTimeLinks", "OpenIDProvider", "LinkStore", "LinkActs", "Customers", "IncomingMail",
                "OutgoingMail", "OpenIDStore", "Text", "MailMessage", "LinkPages", "Catalogue", "TicketSystem",
                "PostgresClient", "Measurements", hummingbird, crypto, logging, lifecycle,
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: settings),

        // The command: one file a subcommand, wiring only.
        .executableTarget(
            name: "otalink",
            dependencies: [
                "OneTimeLinks", "OpenIDProvider", "LinkStore", "LinkActs", "LinkService", "LongWork", "Customers",
                "IncomingMail", "OutgoingMail", "MailCommands", "Notifications", "Outbox", "DeskReports", "OpenIDStore",
                "AddOn", "Catalogue", "Jobs", "MailMessage", "TicketSystem", "Migrator", "Measurements",
                "PostgresClient", "CurlClient", .product(name: "NIOCore", package: "swift-nio"), arguments, crypto,
                lifecycle, logging,
            ],
            swiftSettings: settings),

        // Stand-ins for the demo and the tests.
        .target(name: "DemoDesk", dependencies: [hummingbird, logging], swiftSettings: settings),
        .executableTarget(
            name: "demo-desk", dependencies: ["DemoDesk", "CurlClient", arguments, lifecycle, logging],
            swiftSettings: settings),
        .target(name: "SMTPSink", dependencies: [logging, lifecycle] + nio, swiftSettings: settings),
        .executableTarget(
            name: "smtp-sink", dependencies: ["SMTPSink", arguments, lifecycle, logging], swiftSettings: settings),

        // Tests, and what they share.
        .target(
            name: "TestSupport", dependencies: ["PostgresClient", "Migrator", logging], path: "Tests/TestSupport",
            exclude: ["Peers"], swiftSettings: settings),
        .executableTarget(
            name: "otalink-bench",
            dependencies: [
                "LinkStore", "OneTimeLinks", "PostgresClient", "CurlClient", "DemoDesk", "SMTPSink", "TestSupport",
                hummingbird, logging,
            ],
            path: "Tests/Benchmarks", swiftSettings: settings),
        // Loaded into programs whose clock is to be wrong.
        .target(name: "CShiftedClock", path: "Tests/ShiftedClock"),
        // Does faults to an installation under load, and counts what it promised and kept.
        .executableTarget(
            name: "otalink-faults",
            dependencies: [
                "otalink", "DemoDesk", "SMTPSink", "CurlClient", "OneTimeLinks", "TestSupport", "ReplicaSupport",
                arguments,
                logging,
            ],
            path: "Tests/Faults", swiftSettings: settings),
        .testTarget(
            name: "PostgresClientTests", dependencies: ["PostgresClient", "TestSupport", "CLibPQ", logging, lifecycle],
            swiftSettings: settings),
        .testTarget(
            name: "MigratorTests", dependencies: ["Migrator", "PostgresClient", "TestSupport", logging],
            swiftSettings: settings),
        .testTarget(
            name: "CurlClientTests", dependencies: ["CurlClient", "CLibCurl", "SMTPSink", "TestSupport", logging],
            exclude: ["Peers"],
            swiftSettings: settings),
        .testTarget(name: "SMTPSinkTests", dependencies: ["SMTPSink", logging], swiftSettings: settings),
        .testTarget(
            name: "MailMessageTests", dependencies: ["Text", "MailMessage", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "TicketSystemTests",
            dependencies: ["Text", "TicketSystem", "DemoDesk", "CurlClient", "OneTimeLinks", logging],
            exclude: ["Fixtures"], swiftSettings: settings),
        .testTarget(name: "DemoDeskTests", dependencies: ["DemoDesk", "CurlClient", logging], swiftSettings: settings),
        .testTarget(
            name: "MailTests",
            dependencies: [
                "Customers", "IncomingMail", "OutgoingMail", "MailCommands", "Notifications", "Outbox", "Queues",
                "DeskReports", "MailMessage", "Catalogue", "TicketSystem", "LinkActs", "LinkStore", "OneTimeLinks",
                "CurlClient", "SMTPSink", "ReplicaSupport", "PostgresClient", "TestSupport", logging, lifecycle,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "AddOnTests",
            dependencies: [
                "AddOn", "LinkActs", "LinkStore", "OneTimeLinks", "PostgresClient", "ReplicaSupport", "TestSupport",
                "TicketSystem", logging,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "JobsTests",
            dependencies: [
                "OpenIDStore", "Jobs", "LinkActs", "LinkStore", "OneTimeLinks", "OpenIDProvider", "TicketSystem",
                "PostgresClient", "TestSupport", logging,
            ],
            swiftSettings: settings),
        // Every reader of foreign text, and what makes it slow.
        .testTarget(
            name: "HostileTextTests",
            dependencies: [
                "AddOn", "Catalogue", "CurlClient", "LinkPages", "LinkService", "LinkStore", "LongWork", "Customers",
                "IncomingMail", "OutgoingMail", "Notifications", "Text", "MailMessage", "OneTimeLinks",
                "OpenIDProvider", "TicketSystem", "TestSupport", hummingbird,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "LinkStore", "otalink", "OpenIDProvider", "DemoDesk", "SMTPSink", "CurlClient", "MailMessage",
                "Migrator", "OneTimeLinks", "ReplicaSupport", "TestSupport", arguments, crypto, logging, yams,
            ],
            exclude: ["Peers"], swiftSettings: settings),
        .testTarget(
            name: "DocumentTests",
            dependencies: ["OneTimeLinks", "TicketSystem", "Notifications", "Measurements", "TestSupport"],
            swiftSettings: settings),
        .testTarget(name: "MeasurementsTests", dependencies: ["Measurements"], swiftSettings: settings),
        .testTarget(name: "CatalogueTests", dependencies: ["Text", "Catalogue"], swiftSettings: settings),
        .testTarget(name: "LinkPagesTests", dependencies: ["LinkPages", "Catalogue"], swiftSettings: settings),
        .target(
            name: "ReplicaSupport",
            dependencies: [
                "CurlClient", "LinkActs", "LinkStore", "Customers", "Queues", "DeskReports", "OneTimeLinks",
                "OpenIDProvider", "TicketSystem", "PostgresClient", "TestSupport", logging,
            ],
            path: "Tests/ReplicaSupport", swiftSettings: settings),
        .testTarget(
            name: "LinkServiceTests",
            dependencies: [
                "LinkPages", "LinkService", "LongWork", "OpenIDProvider", "ReplicaSupport", "LinkActs", "LinkStore",
                "Customers", "OutgoingMail", "MailCommands", "OpenIDStore", "MailMessage", "OneTimeLinks", "CurlClient",
                "Measurements", "PostgresClient", "TicketSystem", "TestSupport", crypto, logging, lifecycle,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "LinkActsTests",
            dependencies: [
                "ReplicaSupport", "LinkActs", "LinkStore", "OneTimeLinks", "TicketSystem", "PostgresClient",
                "TestSupport", lifecycle, logging,
            ],
            swiftSettings: settings),
        .testTarget(name: "OpenIDProviderTests", dependencies: ["OpenIDProvider"], swiftSettings: settings),
        .testTarget(name: "OneTimeLinksTests", dependencies: ["OneTimeLinks"], swiftSettings: settings),
        .testTarget(
            name: "LinkStoreTests",
            dependencies: [
                "Migrator", "OpenIDStore", "LinkStore", "OneTimeLinks", "PostgresClient", "TestSupport", logging,
            ],
            swiftSettings: settings),
    ]
)
