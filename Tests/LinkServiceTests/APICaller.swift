import Crypto
import CurlClient
import Foundation
import LinkStore
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing

/// A program that calls the JSON interface.
struct APICaller: Sendable {
    let service: ServiceUnderTest
    /// Nil: it has no key.
    let key: String?

    func call(
        _ method: HTTPRequest.Method = .post, _ path: String, headers: [(name: String, value: String)] = [],
        body: String = ""
    ) async throws -> HTTPResponse {
        let authorization = key.map { [(name: "Authorization", value: "Bearer \($0)")] } ?? []
        return try await service.client.send(
            HTTPRequest(
                method: method, url: service.url + "/api/v1" + path, headers: authorization + headers,
                body: Array(body.utf8)))
    }

    /// Asks for a link for Anna Example.
    func issue(_ headers: [(name: String, value: String)] = [], body: String = linkRequest) async throws -> HTTPResponse
    {
        try await call(.post, "/links", headers: headers, body: body)
    }

    static let linkRequest = #"{"ticketNumber":"2026112510000018","customerLogin":"anna@example.org"}"#
}

extension Replica {
    /// Makes an API key and somebody who calls with it.
    func caller(
        _ service: ServiceUnderTest, name: String = "test", scopes: Set<APIScope> = Set(APIScope.allCases)
    ) async throws -> APICaller {
        let key = "ota_\(name)"
        #expect(
            try await store.apiKeys.create(
                name: name, hash: Array(SHA256.hash(data: Data(key.utf8))), scopes: scopes))
        return APICaller(service: service, key: key)
    }
}

/// A running service, and a program that may do everything.
func withAPI(
    _ body: @escaping @Sendable (Replica, APICaller, TestDatabase) async throws -> Void
) async throws {
    try await withService { replica, service, database in
        try await body(replica, try await replica.caller(service), database)
    }
}
