import CurlClient
import Foundation
import Logging

/// The HTTP server of `Peers/http_peer.py`, and a client for it.
struct HTTPPeer {
    let client: CurlClient
    let port: Int

    var url: String { "http://127.0.0.1:\(port)" }

    func get(_ path: String) async throws -> HTTPResponse {
        try await client.send(HTTPRequest(url: url + path))
    }

    /// The error of a request that is not answered in time. The time starts short and grows until it is long enough for the request to
    /// go out, however busy the machine.
    func errorOfTimeout(_ path: String) async throws -> CurlError {
        var timeout = Duration.milliseconds(300)
        while true {
            do {
                _ = try await client.send(HTTPRequest(url: url + path, timeout: timeout))
            } catch let error as CurlError where error.wasSent || timeout > .seconds(60) {
                return error
            } catch is CurlError {}
            timeout *= 4
        }
    }

    func statistics() async throws -> Statistics {
        try JSONDecoder().decode(Statistics.self, from: Data(try await get("/statistics").body))
    }

    /// Returns once the peer has received `GET path`. Asks by a client of its own: the other may have no connection
    /// left.
    func untilRequested(_ path: String) async throws {
        try await withCurlClient { other in
            _ = try await other.send(HTTPRequest(url: "\(url)/await\(path)", timeout: .seconds(60)))
        }
    }

    struct Statistics: Decodable {
        var accepted: Int
        var mostOpen: Int
        var requests: [String]
    }

    /// What the path `/echo` answers.
    struct Echo: Decodable {
        var method: String
        var target: String
        var fields: [[String]]
        var bodySize: Int
        var body: Data?

        init(_ response: HTTPResponse) throws {
            self = try JSONDecoder().decode(Echo.self, from: Data(response.body))
        }

        func values(_ name: String) -> [String] {
            fields.filter { $0[0].lowercased() == name.lowercased() }.map { $0[1] }
        }
    }
}

/// Runs a test against a peer of its own.
func withHTTPPeer<Result>(
    _ configuration: CurlConfiguration = .init(), _ body: (HTTPPeer) async throws -> Result
) async throws -> Result {
    let peer = try await PythonPeer.start("http_peer.py")
    return try await withCurlClient(configuration) { client in
        do {
            let result = try await body(HTTPPeer(client: client, port: peer.port))
            await peer.end()
            return result
        } catch {
            await peer.end()
            throw error
        }
    }
}

/// Runs a test with a client that is closed afterwards.
func withCurlClient<Result>(
    _ configuration: CurlConfiguration = .init(), _ body: (CurlClient) async throws -> Result
) async throws -> Result {
    let client = CurlClient(configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    do {
        let result = try await body(client)
        await client.close()
        return result
    } catch {
        await client.close()
        throw error
    }
}
