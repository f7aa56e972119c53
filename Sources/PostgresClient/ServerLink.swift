import CLibPQ
import Foundation
import Logging

/// libpq's side of one connection: a thin, typed layer that blocks nowhere, except for looking up host names.
///
/// Belongs to an actor and never leaves it. The owner calls ``close()``; `deinit` does it for whoever forgot.
final class ServerLink {
    enum Progress {
        case waitsForReading
        case waitsForWriting
        case connected
        case failed(reason: String)
    }

    private var connection: OpaquePointer?
    /// Kept here because libpq no longer tells the descriptor once it has noticed a loss.
    private(set) var socket: Int32 = -1
    /// What libpq could not write yet: the descriptor has to be watched for writability.
    private(set) var hasUnsentData = false
    private let notices: NoticeLog

    /// Begins to connect.
    init(_ parameters: ConnectionParameters, logger: Logger) {
        notices = NoticeLog(logger: logger)
        let keywords = parameters.values.keys.map { strdup($0) }
        let values = parameters.values.values.map { strdup($0) }
        defer { (keywords + values).forEach { free($0) } }
        var keywordPointers = keywords.map { UnsafePointer($0) } + [nil]
        var valuePointers = values.map { UnsafePointer($0) } + [nil]
        connection = PQconnectStartParams(&keywordPointers, &valuePointers, 0)
        if let connection {
            socket = PQsocket(connection)
            PQsetNoticeReceiver(
                connection,
                { context, result in
                    guard let context, let result else { return }
                    Unmanaged<NoticeLog>.fromOpaque(context).takeUnretainedValue().log(result)
                }, Unmanaged.passUnretained(notices).toOpaque())
        }
    }

    deinit {
        close()
    }

    /// Whether libpq could begin at all. If not, ``failureReason`` tells why.
    var hasStarted: Bool {
        connection.map { PQstatus($0) != CONNECTION_BAD } ?? false
    }

    /// Takes the next step of connecting, to be called when the descriptor is ready for what the last step waited for.
    func continueConnecting() -> Progress {
        guard let connection else { return .failed(reason: "closed") }
        let status = PQconnectPoll(connection)
        // Each host and each try without TLS may have a descriptor of its own.
        socket = PQsocket(connection)
        switch status {
        case PGRES_POLLING_READING: return .waitsForReading
        case PGRES_POLLING_WRITING: return .waitsForWriting
        case PGRES_POLLING_OK:
            return PQsetnonblocking(connection, 1) == 0 ? .connected : .failed(reason: failureReason)
        default: return .failed(reason: failureReason)
        }
    }

    /// libpq's last message without the addresses that it begins with.
    var failureReason: String {
        guard let connection, let message = PQerrorMessage(connection) else { return "out of memory" }
        return ServerLink.reason(from: String(cString: message))
    }

    /// One line for each host that was tried; the parts before "failed:" name hosts and addresses.
    static func reason(from message: String) -> String {
        var reasons: [String] = []
        for line in message.split(separator: "\n") where !line.hasPrefix("\t") {
            var reason = line.range(of: "failed: ").map { String(line[$0.upperBound...]) } ?? String(line)
            reason = reason.replacingOccurrences(of: "FATAL:  ", with: "").trimmingCharacters(in: .whitespaces)
            if reason.hasPrefix("could not translate host name") { reason = "a host name cannot be resolved" }
            if !reasons.contains(reason) { reasons.append(reason) }
        }
        return reasons.isEmpty ? "no answer" : reasons.joined(separator: "; ")
    }

    func close() {
        if let connection { PQfinish(connection) }
        connection = nil
        socket = -1
    }

    // MARK: Sending

    func enterPipeline() -> Bool { connection.map { PQenterPipelineMode($0) == 1 } ?? false }

    func leavePipeline() -> Bool { connection.map { PQexitPipelineMode($0) == 1 } ?? false }

    /// Sends text by the simple protocol.
    func sendText(_ sql: String) -> Bool { connection.map { PQsendQuery($0, sql) == 1 } ?? false }

    func sendPrepare(name: String, sql: String, parameters: EncodedParameters) -> Bool {
        guard let connection else { return false }
        let types = parameters.slots.map { Oid($0.type) }
        return PQsendPrepare(connection, name, sql, Int32(types.count), types) == 1
    }

    func sendExecute(name: String, parameters: EncodedParameters, scratch: inout ParameterScratch) -> Bool {
        guard let connection else { return false }
        return scratch.withPointers(to: parameters) { count, _, values, lengths, formats in
            PQsendQueryPrepared(connection, name, count, values, lengths, formats, 1) == 1
        }
    }

    func sendUnnamed(sql: String, parameters: EncodedParameters, scratch: inout ParameterScratch) -> Bool {
        guard let connection else { return false }
        return scratch.withPointers(to: parameters) { count, types, values, lengths, formats in
            PQsendQueryParams(connection, sql, count, types, values, lengths, formats, 1) == 1
        }
    }

    func sendSynchronization() -> Bool { connection.map { clibpq_pipeline_sync($0) == 1 } ?? false }

    /// Runs the body, and lets what it sends reach the server as one piece if `isHeld`.
    func holdingOutput(_ isHeld: Bool, _ body: () -> Void) {
        let socket = socket
        if isHeld { clibpq_hold_output(socket, 1) }
        body()
        // The body may have closed the connection, and another may have the descriptor by now: then nothing is done.
        if isHeld, self.socket == socket { clibpq_hold_output(socket, 0) }
    }

    /// Writes what is waiting. False if the connection is lost.
    func flush() -> Bool {
        guard let connection else { return false }
        let outcome = PQflush(connection)
        hasUnsentData = outcome == 1
        return outcome >= 0
    }

    // MARK: Receiving

    /// Reads what has arrived. False if the connection is lost; what came before can still be taken out.
    func read() -> Bool { connection.map { PQconsumeInput($0) == 1 } ?? false }

    /// Whether taking a result would have to wait.
    var isBusy: Bool { connection.map { PQisBusy($0) == 1 } ?? true }

    /// The next result; nil at the end of a statement's results. Only if not ``isBusy``.
    func nextResult() -> OpaquePointer? { connection.flatMap { PQgetResult($0) } }

    /// The server process at the other end, as it was named when the connection was made; a pooler makes up a number.
    var serverProcess: Int32? { connection.map { PQbackendPID($0) } }

    /// The first row of an answer in text form; a null is an empty text.
    static func firstRow(of result: OpaquePointer) -> [String] {
        guard PQntuples(result) > 0 else { return [] }
        return (0..<PQnfields(result)).map { PQgetvalue(result, 0, $0).map { String(cString: $0) } ?? "" }
    }

    /// Forgets notifications. Nothing listens on a pooled connection, but behind a pooler in transaction mode the server's connection may do
    /// so for another client, and libpq would keep each of them for ever.
    func dropNotifications() {
        while nextNotification() != nil {}
    }

    /// The next notification that has arrived.
    func nextNotification() -> (channel: String, payload: String)? {
        guard let connection, let notification = PQnotifies(connection) else { return nil }
        defer { PQfreemem(notification) }
        let channel = notification.pointee.relname.map { String(cString: $0) } ?? ""
        let payload = notification.pointee.extra.map { String(cString: $0) } ?? ""
        return (channel, payload)
    }

    /// Whether the session is outside of any transaction.
    var isOutsideTransaction: Bool { connection.map { PQtransactionStatus($0) == PQTRANS_IDLE } ?? false }
}

/// Writes the server's notices to the log.
private final class NoticeLog {
    private let logger: Logger

    init(logger: Logger) {
        self.logger = logger
    }

    func log(_ result: OpaquePointer) {
        let failure = ServerFailure(reading: result)
        logger.debug(
            "The database sent a notice",
            metadata: ["sqlState": "\(failure.sqlState ?? "")", "notice": "\(failure.message ?? "")"])
    }
}

/// Arrays that every execution fills anew, so that none has to be allocated.
struct ParameterScratch {
    private var types: [Oid] = []
    private var values: [UnsafePointer<CChar>?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    /// Calls the body with the number, types, addresses, lengths and formats (all binary) of the parameters.
    mutating func withPointers<Result>(
        to parameters: EncodedParameters,
        _ body: (
            Int32, UnsafePointer<Oid>?, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?,
            UnsafePointer<Int32>?
        ) -> Result
    ) -> Result {
        let count = parameters.slots.count
        guard count > 0 else { return body(0, nil, nil, nil, nil) }
        types.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        while formats.count < count { formats.append(1) }
        return parameters.bytes.withUnsafeBytes { bytes in
            for slot in parameters.slots {
                types.append(Oid(slot.type))
                let address = bytes.baseAddress.map { ($0 + slot.offset).assumingMemoryBound(to: CChar.self) }
                values.append(slot.length < 0 ? nil : address)
                lengths.append(max(0, slot.length))
            }
            return body(Int32(count), types, values, lengths, formats)
        }
    }
}
