import HTTPTypes
import Hummingbird
import Foundation
import OneTimeLinks
import Testing

@testable import LinkService

@Suite("Responses that are pages")
struct PageResponsesTests {
    @Test("Each page that says 503 says when to try again")
    func unavailable() {
        let pages = PageResponses(timeZone: .gmt)
        let head = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/")
        let request = Request(head: head, body: RequestBody(buffer: ByteBuffer()))
        let refreshFailed = pages.response(.refreshFailed, request: request, settings: Settings())
        #expect(refreshFailed.status == .serviceUnavailable && refreshFailed.headers[.retryAfter] == "10")
        let unavailable = pages.temporarilyUnavailable(request, settings: Settings())
        #expect(unavailable.status == .serviceUnavailable && unavailable.headers[.retryAfter] == "10")
        #expect(pages.response(.newLink, request: request, settings: Settings()).headers[.retryAfter] == nil)
    }
}
