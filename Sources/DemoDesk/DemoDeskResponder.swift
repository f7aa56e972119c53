import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle

/// Brings the stand-in desk and the HTTP server together; the faults are made here.
struct DemoDeskResponder: HTTPResponder {
    let state: DemoDeskState
    private let admin: DemoAdmin
    private let pages: CustomerPages

    /// Bytes of a request's body.
    private static let maximumBodySize = 32 << 20

    init(state: DemoDeskState) {
        self.state = state
        admin = DemoAdmin(state: state)
        pages = CustomerPages(state: state)
    }

    func respond(to request: Request, context: DemoDeskContext) async throws -> Response {
        let body = try await request.body.collect(upTo: Self.maximumBodySize)
        var headers = Dictionary(
            request.headers.map { ($0.name.canonicalName, $0.value) }, uniquingKeysWith: { $0 + ", " + $1 })
        headers["host"] = request.head.authority
        let question = DeskQuestion(
            method: request.method.rawValue, target: request.head.path ?? "/", headers: headers,
            body: Array(body.readableBytesView), clientAddress: context.clientAddress)
        let path = question.path
        if path == "/demo" || path.hasPrefix("/demo/") {
            return response(to: question, await admin.answer(question))
        }
        if path == CustomerPages.path {
            return response(to: question, await pages.answer(question))
        }
        guard path.hasPrefix(DemoDeskState.webServicePath) else {
            return response(to: question, .text("Nothing is here. The admin side is at /demo/.\n", status: 404))
        }
        return try await webServiceResponse(to: question)
    }

    private func webServiceResponse(to question: DeskQuestion) async throws -> Response {
        let (delay, fault) = await state.takeFault(for: question)
        if delay > .zero { try await Task.sleep(for: delay) }
        switch fault {
        case nil:
            return response(to: question, await state.answer(question))
        case .gateway:
            return response(to: question, .html("<html><h1>502 Bad Gateway</h1></html>\n", status: 502))
        case .page:
            return response(to: question, .html("<html><h1>Down for maintenance</h1></html>\n"))
        case .error:
            return response(to: question, .text("Internal error of the stand-in desk.", status: 500))
        case .hang:
            // Longer than any client waits, but not longer than the server lives.
            try await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(3_600)) }
            throw HTTPError(.gatewayTimeout)
        case .cut:
            return cutResponse(await state.answer(question))
        }
    }

    private func response(to question: DeskQuestion, _ answer: DeskAnswer) -> Response {
        // An answer to HEAD has no body, even when it is an error.
        let body = question.method == "HEAD" ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body))
        return Response(status: .init(code: answer.status), headers: Self.fields(of: answer), body: body)
    }

    /// Announces the whole body, sends half of it and lets the connection break.
    private func cutResponse(_ answer: DeskAnswer) -> Response {
        let half = ByteBuffer(bytes: answer.body.prefix(answer.body.count / 2))
        let body = ResponseBody(contentLength: answer.body.count) { writer in
            try await writer.write(half)
            throw HTTPError(.internalServerError)
        }
        return Response(status: .init(code: answer.status), headers: Self.fields(of: answer), body: body)
    }

    private static func fields(of answer: DeskAnswer) -> HTTPFields {
        var fields = HTTPFields()
        fields[.contentType] = answer.contentType
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        return fields
    }
}

/// What is known of a connection.
struct DemoDeskContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let clientAddress: String

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        clientAddress = source.channel.remoteAddress?.ipAddress ?? ""
    }
}
