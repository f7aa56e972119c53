/// The parameters of one execution, encoded by the task that calls, so that the thread of the connections
/// only passes pointers on.
struct EncodedParameters: Sendable {
    struct Slot: Sendable {
        let type: UInt32
        let offset: Int
        /// -1 for NULL.
        let length: Int32
    }

    private(set) var slots: [Slot] = []
    private(set) var bytes: [UInt8] = []

    static let none = EncodedParameters()

    private init() {}

    init(_ parameters: [any PostgresEncodable]) {
        guard !parameters.isEmpty else { return }
        slots.reserveCapacity(parameters.count)
        bytes.reserveCapacity(parameters.count * 24)
        for parameter in parameters { append(parameter) }
        // An empty last value still needs an address inside the buffer: libpq takes a null pointer for NULL.
        bytes.append(0)
    }

    private mutating func append(_ parameter: some PostgresEncodable) {
        let offset = bytes.count
        let isNull = parameter.isPostgresNull
        if !isNull { parameter.encode(into: &bytes) }
        let length = isNull ? -1 : Int32(clamping: bytes.count - offset)
        slots.append(Slot(type: type(of: parameter).postgresType.oid, offset: offset, length: length))
    }
}
