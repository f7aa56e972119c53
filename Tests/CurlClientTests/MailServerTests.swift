import CurlClient
import Testing

@Suite("Mail server URLs")
struct MailServerTests {
    @Test(
        "A URL names host, port, user and the use of TLS",
        arguments: [
            ("smtp://mail.example.org", "mail.example.org", 25, nil, false, .required),
            ("smtp://mail.example.org:587", "mail.example.org", 587, nil, false, .required),
            ("smtp://mail.example.org:587/", "mail.example.org", 587, nil, false, .required),
            ("smtps://mail.example.org", "mail.example.org", 465, nil, true, .required),
            ("smtp://otto%40desk@mail.example.org", "mail.example.org", 25, "otto@desk", false, .required),
            ("smtp://mail.example.org?starttls=opportunistic", "mail.example.org", 25, nil, false, .opportunistic),
            ("smtp://mail.example.org?starttls=never", "mail.example.org", 25, nil, false, .never),
            ("smtp://localhost", "localhost", 25, nil, false, .opportunistic),
            ("smtp://127.0.0.1:2525", "127.0.0.1", 2525, nil, false, .opportunistic),
            ("smtp://[::1]:2525", "[::1]", 2525, nil, false, .opportunistic),
            ("smtp://127.0.0.1?starttls=required", "127.0.0.1", 25, nil, false, .required),
            ("smtp://127.example.org", "127.example.org", 25, nil, false, .required),
            ("smtp://otto@localhost?starttls=never", "localhost", 25, "otto", false, .never),
        ] as [(String, String, Int, String?, Bool, MailServer.StartTLS)])
    func valid(
        url: String, host: String, port: Int, user: String?, isImplicitTLS: Bool, startTLS: MailServer.StartTLS
    ) throws {
        let server = try MailServer(url: url)
        #expect(server.host == host)
        #expect(server.port == port)
        #expect(server.user == user)
        #expect(server.isImplicitTLS == isImplicitTLS)
        #expect(server.startTLS == startTLS)
    }

    @Test(
        "Anything else is refused",
        arguments: [
            ("", .malformed), ("mail.example.org", .malformed), ("http://mail.example.org", .malformed),
            ("smtp://", .malformed), ("smtp://mail.example.org/path", .malformed),
            ("smtp://otto:geheim@mail.example.org", .malformed), ("smtp://mail.example.org#x", .malformed),
            ("smtp://mail.example.org:0x19", .malformed), ("smtp://mail.example.org?tls=1", .malformed),
            ("smtp://mail.example.org?starttls", .malformed),
            ("smtp://mail.example.org?starttls=maybe", .invalidStartTLS),
            ("smtps://mail.example.org?starttls=required", .invalidStartTLS),
            ("smtp://otto@mail.example.org?starttls=never", .passwordInTheClear),
            ("smtp://otto@mail.example.org?starttls=opportunistic", .passwordInTheClear),
        ] as [(String, MailServer.URLError)])
    func invalid(url: String, expected: MailServer.URLError) {
        #expect(throws: expected) { try MailServer(url: url) }
    }
}
