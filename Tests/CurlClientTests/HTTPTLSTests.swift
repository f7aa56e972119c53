import CurlClient
import Foundation
import TestSupport
import Testing

@Suite("HTTPS", .timeLimit(.minutes(10)))
struct HTTPTLSTests {
    /// Sends one request to a server with that certificate.
    private func send(
        to host: String = "127.0.0.1", as identity: TestAuthority.Identity, trusting file: String?
    ) async throws -> HTTPResponse {
        let peer = try await PythonPeer.start("http_peer.py", identity.peerArguments)
        let result = await Result {
            try await withCurlClient(CurlConfiguration(certificateAuthorityFile: file)) { client in
                try await client.send(HTTPRequest(url: "https://\(host):\(peer.port)/bytes/3"))
            }
        }
        await peer.end()
        return try result.get()
    }

    private func withAuthority(_ body: (TestAuthority) async throws -> Void) async throws {
        let authority = try await TestAuthority()
        defer { authority.remove() }
        try await body(authority)
    }

    private func expectTLSFailure(
        _ words: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> HTTPResponse
    ) async throws {
        let error = await #expect(throws: CurlError.self, sourceLocation: sourceLocation) { try await body() }
        let found = try #require(error, sourceLocation: sourceLocation)
        guard case .tls(let reason) = found.kind else {
            Issue.record("\(found)", sourceLocation: sourceLocation)
            return
        }
        #expect(reason.contains(words), sourceLocation: sourceLocation)
        #expect(!found.wasSent, sourceLocation: sourceLocation)
    }

    @Test("A certificate of the private authority for this host is accepted", arguments: ["127.0.0.1", "localhost"])
    func good(host: String) async throws {
        try await withAuthority { authority in
            let identity = try await authority.identity(for: "IP:127.0.0.1,DNS:localhost")
            let response = try await send(to: host, as: identity, trusting: authority.certificate)
            #expect(response.text == "xxx")
        }
    }

    @Test("One of an authority that is not known is not, whether others are named or the system's hold")
    func unknownAuthority() async throws {
        try await withAuthority { authority in
            let identity = try await authority.identity(for: "IP:127.0.0.1")
            try await expectTLSFailure("unable to get local issuer") { try await send(as: identity, trusting: nil) }
            try await withAuthority { other in
                try await expectTLSFailure("certificate") {
                    try await send(as: identity, trusting: other.certificate)
                }
            }
        }
    }

    @Test("One for another host is not")
    func wrongHost() async throws {
        try await withAuthority { authority in
            let identity = try await authority.identity(for: "DNS:other.test")
            try await expectTLSFailure("no alternative certificate subject name") {
                try await send(as: identity, trusting: authority.certificate)
            }
        }
    }

    @Test("One that has expired is not")
    func expired() async throws {
        try await withAuthority { authority in
            let identity = try await authority.identity(for: "IP:127.0.0.1", days: -1)
            try await expectTLSFailure("expired") { try await send(as: identity, trusting: authority.certificate) }
        }
    }

    @Test("A file of authorities that is missing is an error of TLS")
    func missingFile() async throws {
        try await withAuthority { authority in
            let identity = try await authority.identity(for: "IP:127.0.0.1")
            try await expectTLSFailure("certificate file") {
                try await send(as: identity, trusting: "/nonexistent/authority.pem")
            }
        }
    }

    @Test("A server that waits for the rest of a handshake, as for a line of plain text, is an error of TLS")
    func silentServer() async throws {
        // The system takes the connection; no program ever reads it.
        let port = try FreePort.find()
        let listener = try LoopbackSocket.listening(port: port)
        defer { close(listener) }
        let client = CurlClient(logger: .quiet)
        try await expectTLSFailure("did not answer the handshake") {
            try await client.send(HTTPRequest(url: "https://127.0.0.1:\(port)/", timeout: .milliseconds(500)))
        }
        let plain = await #expect(throws: CurlError.self) {
            try await client.send(HTTPRequest(url: "http://127.0.0.1:\(port)/", timeout: .milliseconds(500)))
        }
        #expect(plain?.kind == .timedOut)
        await client.close()
    }

    @Test("A server that does not speak TLS is an error of TLS")
    func plainServer() async throws {
        try await withHTTPPeer { peer in
            try await expectTLSFailure("SSL_connect") {
                try await peer.client.send(HTTPRequest(url: "https://127.0.0.1:\(peer.port)/bytes/1"))
            }
        }
    }
}
