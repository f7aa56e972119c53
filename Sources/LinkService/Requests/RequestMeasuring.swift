import HTTPTypes
import Hummingbird
import Measurements

/// Counts requests and their time by the template of their route. A path would name tokens, and there are more paths than any
/// monitoring bears.
struct RequestMeasuring: RouterMiddleware {
    let measurements: ServiceMeasurements
    /// Left out of the names of routes.
    let pathPrefix: String

    func handle(
        _ request: Request, context: LinkServiceContext,
        next: (Request, LinkServiceContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let response = try await next(request, context)
        let route = route(context.endpointPath)
        let method = Self.methods.contains(request.method) ? request.method.rawValue : "other"
        measurements.requests.increment(method, route, "\(response.status.code)")
        measurements.requestDurations.observe(ContinuousClock.now - start, method, route)
        if response.status == .tooManyRequests { measurements.limited.increment(route) }
        return response
    }

    /// The library writes the template down when it has found the route, and a word where there is none.
    private func route(_ template: String?) -> String {
        guard let template, template.hasPrefix("/") else { return "none" }
        return template.hasPrefix(pathPrefix) ? String(template.dropFirst(pathPrefix.count)) : template
    }

    /// A client may call its method whatever it likes.
    private static let methods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]
}
