/// What a replica counts while it runs; made once, handed to all who count, and read by the admin port.
public final class ServiceMeasurements: Sendable {
    public let requests = LabelledCounter(.httpRequests)
    public let requestDurations = LabelledHistogram(.httpRequestDuration)
    public let redemptions = LabelledCounter(.redemptions)
    public let limited = LabelledCounter(.limited)
    public let cutConnections = LabelledCounter(.cutConnections)
    public let deskCalls = LabelledCounter(.deskCalls)
    public let deskCallDurations = LabelledHistogram(.deskCallDuration)

    public init() {}
}
