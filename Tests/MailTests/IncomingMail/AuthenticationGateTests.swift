import IncomingMail
import MailMessage
import Testing

@Suite("Whom our mail server vouches for")
struct AuthenticationGateTests {
    /// Fields from the top, the sender's domain, and whether the sender counts as authenticated.
    struct Row: Sendable, CustomStringConvertible {
        let name: String
        let fields: [String]
        var domain = "example.net"
        var isPassed: Bool

        var description: String { name }

        init(_ name: String, _ fields: [String], of domain: String = "example.net", _ isPassed: Bool) {
            self.name = name
            self.fields = fields
            self.domain = domain
            self.isPassed = isPassed
        }

        /// One field of our server, with these results.
        init(_ name: String, _ results: String, of domain: String = "example.net", _ isPassed: Bool) {
            self.init(name, ["Authentication-Results: mx.example.org; " + results], of: domain, isPassed)
        }

        func header() -> HeaderBlock {
            let lines = fields + ["From: nora@\(domain)", "", ""]
            return HeaderBlock(parsing: Array(lines.joined(separator: "\r\n").utf8))
        }
    }

    private static func isPassed(
        _ row: Row, takesUnnamed: Bool = false, suffixes: PublicSuffixList? = .installed
    ) throws -> Bool {
        let gate = try #require(AuthenticationGate(server: "mx.example.org", takesUnnamed: takesUnnamed))
        return gate.isPassed(row.header(), sender: try MailAddress("nora@\(row.domain)"), suffixes: suffixes)
    }

    @Test("By method and domain", arguments: methodsRows)
    func methods(row: Row) throws {
        #expect(try Self.isPassed(row) == row.isPassed)
        // A field below another server's counts for nothing: it may have come with the mail.
        let below = Row(row.name, ["Authentication-Results: other.example; none"] + row.fields, of: row.domain, false)
        #expect(try !Self.isPassed(below))
    }

    private static let methodsRows: [Row] = [
        Row("DMARC", "dmarc=pass header.from=example.net", true),
        Row(
            "DMARC with a version", ["Authentication-Results: mx.example.org 1; dmarc/1=pass header.from=example.net"],
            true),
        Row("capitals", ["AUTHENTICATION-RESULTS: MX.Example.ORG; DMARC=Pass Header.From=Example.NET"], true),
        Row("DMARC that names no domain", "dmarc=pass", false),
        Row("DMARC of another domain", "dmarc=pass header.from=evil.example", false),
        Row(
            "DMARC of another domain, and SPF",
            "dmarc=pass header.from=evil.example; spf=pass smtp.mailfrom=example.net", false),
        Row(
            "DMARC that failed, and the rest passed",
            "dmarc=fail header.from=example.net; spf=pass smtp.mailfrom=example.net; dkim=pass header.d=example.net",
            false),
        Row(
            "the rest passed, and then DMARC failed",
            "dkim=pass header.d=example.net; dmarc=fail header.from=example.net", false),
        Row("DMARC both ways", "dmarc=pass header.from=example.net; dmarc=fail header.from=example.net", false),
        Row(
            "DMARC could not be found out", "dmarc=temperror header.from=example.net; dkim=pass header.d=example.net",
            false),
        Row(
            "a policy that cannot be read", "dmarc=permerror header.from=example.net; dkim=pass header.d=example.net",
            false),
        Row(
            "a result that we do not know", "dmarc=quarantine header.from=example.net; dkim=pass header.d=example.net",
            false),
        Row(
            "no DMARC, SPF", "dmarc=none header.from=example.net; spf=pass smtp.mailfrom=bounce@mail.example.net", true),
        Row("no DMARC, DKIM", "dmarc=none; dkim=pass header.d=example.net", true),
        Row("SPF of another domain", "spf=pass smtp.mailfrom=example.com", false),
        Row("SPF of the greeting", "spf=pass smtp.helo=example.net", false),
        Row(
            "SPF that could not be found out",
            "spf=temperror smtp.mailfrom=example.net; dkim=permerror header.d=example.net", false),
        Row("DKIM by its identity", "dkim=pass header.i=@mail.example.net header.s=s1 header.b=Ab3=x", true),
        Row("the domain of DKIM before its identity", "dkim=pass header.d=evil.example header.i=@example.net", false),
        Row("DKIM of a public suffix", "dkim=pass header.d=net", false),
        Row("DKIM of a name that ends alike", "dkim=pass header.d=evilexample.net", false),
        Row("DKIM of a neighbour below one suffix", "dkim=pass header.d=evil.co.uk", of: "example.co.uk", false),
        Row("DKIM of a suffix of many", "dkim=pass header.d=co.uk", of: "example.co.uk", false),
        Row(
            "DKIM of another host of one organisation", "dkim=pass header.d=mta.example.co.uk",
            of: "desk.example.co.uk", true),
        Row("DKIM of another user of one provider", "dkim=pass header.d=evil.github.io", of: "nora.github.io", false),
        Row("an international domain", "dkim=pass header.d=müller.example", of: "xn--mller-kva.example", true),
        Row("two signatures", "dkim=fail header.d=example.net; dkim=pass header.d=example.net", true),
        Row("a property twice", "dkim=pass header.d=evil.example header.d=example.net", false),
        Row("blanks wherever they may be", " dmarc = pass\r\n header . from = example.net ; none", true),
        Row(
            "a semicolon in quotation marks",
            #"spf=fail reason="x; dmarc=pass header.from=example.net" smtp.mailfrom=evil.example"#, false),
        Row(
            "a quotation mark in quotation marks",
            #"spf=fail reason="x\"; dmarc=pass header.from=example.net; \"" smtp.mailfrom=evil.example"#, false),
        Row(
            "a semicolon in a comment", "spf=fail (x; dmarc=pass header.from=example.net) smtp.mailfrom=evil.example",
            false),
        Row(
            "a comment in a comment", "spf=fail (a (b) ; dkim=pass header.d=example.net) smtp.mailfrom=evil.example",
            false),
        Row(
            "an escaped parenthesis", #"spf=fail (a \) ; dkim=pass header.d=example.net ) smtp.mailfrom=evil.example"#,
            false),
        Row(
            "a local part that is quoted", #"spf=pass smtp.mailfrom="a; dkim=pass header.d=example.net "@evil.example"#,
            false),
        Row("a comment that is not closed", "dmarc=pass header.from=example.net (x", false),
        Row("a comment that was not opened", "dmarc=pass header.from=example.net x)", false),
        Row("a quotation mark that is not closed", #"dmarc=pass header.from=example.net reason="x"#, false),
        Row("a method in a comment", "dkim=fail (dmarc=pass) header.d=example.net", false),
        Row("no results", "none", false),
        Row("a name alone", ["Authentication-Results: mx.example.org"], false),
        Row("nothing", ["Authentication-Results:"], false),
        Row("no field", [], false),
        Row("another server", ["Authentication-Results: other.example; dmarc=pass header.from=example.net"], false),
        Row(
            "a server that begins like ours",
            ["Authentication-Results: mx.example.org.evil.example; dmarc=pass header.from=example.net"], false),
        Row(
            "our server in quotation marks",
            [#"Authentication-Results: "mx.example.org"; dmarc=pass header.from=example.net"#], true),
        Row(
            "our server in a comment",
            ["Authentication-Results: (mx.example.org;) evil.example; dmarc=pass header.from=example.net"], false),
        Row(
            "no semicolon behind the name",
            ["Authentication-Results: mx.example.org dmarc=pass header.from=example.net"], false),
        Row(
            "white space before the colon",
            ["Authentication-Results : mx.example.org; dmarc=pass header.from=example.net"], false),
    ]

    @Test("Several fields of our server on top count together", arguments: severalRows + forgedRows)
    func several(row: Row) throws {
        #expect(try Self.isPassed(row) == row.isPassed)
    }

    private static let ours = "Authentication-Results: mx.example.org; "
    private static let forgedRows = [
        "From: x@example.net", "Subject: Hi", "DKIM-Signature: v=1", "Content-Type: text/plain",
    ].map {
        Row(
            "forged below what the sender wrote: \($0)",
            [
                ours + "spf=fail smtp.mailfrom=evil.example; dmarc=none", "X-Spam: no", $0,
                ours + "dkim=pass header.d=example.net",
            ], false)
    }
    private static let severalRows: [Row] = [
        Row(
            "OpenDMARC above SPF and DKIM",
            [
                ours + "dmarc=pass (p=quarantine dis=none) header.from=example.net",
                ours + "spf=pass (sender SPF authorized) smtp.mailfrom=bounce.example",
                "DKIM-Filter: OpenDKIM Filter v2.11.0",
                ours + "dkim=pass (2048-bit key) header.d=example.net header.i=@example.net header.b=\"Ab12\"",
            ], true),
        Row(
            "DMARC in the lower of them failed",
            [
                ours + "dkim=pass header.d=example.net", ours + "dmarc=fail (p=none dis=none) header.from=example.net",
            ], false),
        Row(
            "only the lower passed",
            [ours + "spf=none smtp.mailfrom=example.net", ours + "dkim=pass header.d=example.net"], true),
        Row(
            "below the line of the next server",
            [
                ours + "spf=none smtp.mailfrom=example.net", "Received: from x by mx.example.org",
                ours + "dkim=pass header.d=example.net",
            ], false),
        Row(
            "below the line of our own delivery",
            [
                "Received: from mx.example.org by imap.example.org", ours + "dkim=pass header.d=example.net",
            ], true),
        Row(
            "below another server's",
            [
                ours + "spf=none smtp.mailfrom=example.net", "Authentication-Results: other.example; none",
                ours + "dkim=pass header.d=example.net",
            ], false),
        Row("more than any server writes", Array(repeating: ours + "dkim=pass header.d=example.net", count: 11), false),
        Row(
            "longer than any server writes",
            [
                ours + "dkim=pass header.d=example.net reason=\"\(String(repeating: "x", count: 40_000))\""
            ], false),
    ]

    @Test("As servers write it", arguments: serversRows)
    func servers(row: Row) throws {
        #expect(try Self.isPassed(row) == row.isPassed)
    }

    private static let serversRows: [Row] = [
        Row(
            "Gmail",
            [
                """
                Authentication-Results: mx.example.org;\r
                       dkim=pass header.i=@example.net header.s=20230601 header.b=kT2x+/w=;\r
                       spf=pass (example.org: domain of nora@example.net designates 192.0.2.41 as permitted sender) smtp.mailfrom=nora@example.net;\r
                       dmarc=pass (p=NONE sp=QUARANTINE dis=NONE) header.from=example.net;\r
                       dara=pass header.i=@example.org
                """
            ], true),
        Row(
            "Gmail, forged",
            "spf=pass (example.org: domain of x@evil.example designates 192.0.2.41 as permitted sender) smtp.mailfrom=x@evil.example; dmarc=fail (p=NONE sp=NONE dis=NONE) header.from=example.net",
            false),
        Row(
            "Gmail, no DMARC",
            "dkim=pass header.i=@mail.example.net header.s=s1 header.b=Qw12; spf=softfail (example.org: domain of transitioning x@relay.example does not designate 192.0.2.9 as permitted sender) smtp.mailfrom=x@relay.example",
            true),
        Row(
            "Microsoft 365 with a name",
            "spf=pass (sender IP is 192.0.2.7) smtp.mailfrom=example.net; dkim=pass (signature was verified) header.d=example.net;dmarc=pass action=none header.from=example.net;compauth=pass reason=100",
            true),
        Row("OpenDMARC", "dmarc=pass (p=reject dis=none) header.from=example.net", true),
        Row("OpenDMARC, failed", "dmarc=fail (p=reject dis=none) header.from=example.net", false),
        Row(
            "OpenDKIM",
            "dkim=pass (2048-bit key; unprotected) header.d=example.net header.i=@example.net header.a=rsa-sha256 header.s=mail header.b=\"h1Kx\"; dkim-atps=neutral",
            true),
        Row(
            "OpenDKIM, key not secure",
            "dkim=fail reason=\"signature verification failed\" (2048-bit key; unprotected) header.d=example.net", false
        ),
        Row(
            "policyd-spf",
            "spf=pass (mailfrom) smtp.mailfrom=example.net (client-ip=192.0.2.3; helo=mail.example.net; envelope-from=nora@example.net; receiver=<UNKNOWN>)",
            true),
        Row(
            "rspamd",
            "dkim=pass header.d=example.net header.s=s1 header.b=GhT6x9; spf=pass (mx.example.org: domain of nora@example.net designates 192.0.2.3 as permitted sender) smtp.mailfrom=nora@example.net; dmarc=pass (policy=quarantine) header.from=example.net",
            true),
        Row(
            "rspamd, failed",
            "dkim=none; spf=none (mx.example.org: domain of nora@example.net has no SPF policy when checking 192.0.2.3) smtp.mailfrom=nora@example.net; dmarc=fail reason=\"No valid SPF, No valid DKIM\" header.from=example.net (policy=none)",
            false),
        Row("rspamd, no DMARC", "dkim=pass header.d=example.net header.s=s1 header.b=GhT6x9; dmarc=none", true),
        Row(
            "Mailman, the author's signature broken",
            "dkim=fail (body hash mismatch) header.d=example.net; dkim=pass header.d=lists.example.com; spf=pass smtp.mailfrom=team-bounces+nora=example.net@lists.example.com; dmarc=fail (p=none) header.from=example.net",
            false),
        Row(
            "Mailman, no DMARC",
            "dkim=fail (body hash mismatch) header.d=example.net; dkim=pass header.d=lists.example.com; spf=pass smtp.mailfrom=team-bounces+nora=example.net@lists.example.com",
            false),
        Row(
            "Mailman, From rewritten",
            "dkim=pass header.d=lists.example.com; spf=pass smtp.mailfrom=team-bounces+nora=example.net@lists.example.com; dmarc=pass (p=none) header.from=lists.example.com",
            of: "lists.example.com", true),
        Row(
            "Mailman's own field below",
            [
                ours + "dkim=none; spf=pass smtp.mailfrom=team-bounces@lists.example.com",
                "Received: from lists.example.com by mx.example.org",
                "Authentication-Results: lists.example.com; dkim=pass header.d=example.net; dmarc=pass header.from=example.net",
            ], false),
        Row(
            "Exim",
            "iprev=pass (mail.example.net) smtp.remote-ip=192.0.2.3; auth=pass (PLAIN) smtp.auth=x@evil.example; spf=pass smtp.mailfrom=example.net; dkim=pass header.d=example.net header.s=a header.a=rsa-sha256; dmarc=pass header.from=example.net; arc=none",
            true),
    ]

    @Test("Microsoft 365's field without a server name counts only if the setting says so", arguments: unnamedRows)
    func unnamed(row: Row) throws {
        #expect(try Self.isPassed(row, takesUnnamed: true) == row.isPassed)
        #expect(try !Self.isPassed(row))
        let alone = try #require(AuthenticationGate(server: "", takesUnnamed: true))
        #expect(alone.isPassed(row.header(), sender: try MailAddress("nora@\(row.domain)")) == row.isPassed)
        #expect(AuthenticationGate(server: " ") == nil)
    }

    private static let unnamedRows: [Row] = [
        Row(
            "passed",
            [
                "Authentication-Results: spf=pass (sender IP is 192.0.2.7)\r\n smtp.mailfrom=example.net; dkim=pass (signature was verified)\r\n header.d=example.net;dmarc=pass action=none\r\n header.from=example.net;compauth=pass reason=100"
            ], true),
        Row(
            "failed",
            [
                "Authentication-Results: spf=pass (sender IP is 192.0.2.7) smtp.mailfrom=evil.example; dkim=none (message not signed) header.d=none;dmarc=fail action=oreject header.from=example.net;compauth=none reason=451"
            ], false),
        Row(
            "no DMARC, SPF",
            [
                "Authentication-Results: spf=pass (sender IP is 192.0.2.7) smtp.mailfrom=example.net; dkim=none (message not signed) header.d=none;dmarc=none action=none header.from=example.net;compauth=pass reason=130"
            ], true),
        Row(
            "a guess",
            [
                "Authentication-Results: spf=pass (sender IP is 192.0.2.7) smtp.mailfrom=bounce.example; dkim=pass (signature was verified) header.d=mail.example.net;dmarc=bestguesspass action=none header.from=example.net;compauth=pass reason=109"
            ], true),
        Row(
            "SPF could not be found out",
            [
                "Authentication-Results: spf=temperror (sender IP is 192.0.2.7) smtp.mailfrom=example.net; dkim=none (message not signed) header.d=none;dmarc=temperror action=none header.from=example.net;compauth=fail reason=001"
            ], false),
    ]

    @Test("Without the public suffix list only equal domains are of one organisation")
    func withoutList() throws {
        func isPassed(_ domain: String) throws -> Bool {
            try Self.isPassed(Row("", "dkim=pass header.d=\(domain)", true), suffixes: nil)
        }
        #expect(try isPassed("example.net"))
        #expect(try !isPassed("mail.example.net"))
        #expect(try !isPassed("net"))
    }
}
