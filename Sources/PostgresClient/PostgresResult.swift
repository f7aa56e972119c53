import CLibPQ
import Foundation

/// Owns one result of libpq.
///
/// Safe to share between threads: a `PGresult` does not change once `PQgetResult` has returned it (libpq,
/// "Behavior in Threaded Programs"), only this class holds its pointer, and the pointer is freed once, by `deinit`.
final class PostgresResult: @unchecked Sendable {
    let pointer: OpaquePointer
    let statementName: String?
    let rowCount: Int
    let columnCount: Int

    init(_ pointer: OpaquePointer, statementName: String?) {
        self.pointer = pointer
        self.statementName = statementName
        rowCount = Int(PQntuples(pointer))
        columnCount = Int(PQnfields(pointer))
    }

    deinit {
        PQclear(pointer)
    }

    /// The number that ends the command tag: rows inserted, updated, deleted or selected; 0 if the tag has none.
    var affectedRows: Int {
        guard let text = PQcmdTuples(pointer) else { return 0 }
        return Int(String(cString: text)) ?? 0
    }

    /// The command tag, such as `COMMIT`.
    var commandTag: String {
        PQcmdStatus(pointer).map { String(cString: $0) } ?? ""
    }

    func columnName(_ column: Int) -> String {
        PQfname(pointer, Int32(column)).map { String(cString: $0) } ?? "\(column + 1)"
    }

    /// The position of the first column with exactly this name.
    func column(named name: String) -> Int? {
        name.withCString { wanted in
            for column in 0..<columnCount {
                if let found = PQfname(pointer, Int32(column)), strcmp(found, wanted) == 0 { return column }
            }
            return nil
        }
    }

    func decode<Value: PostgresDecodable>(row: Int, column: Int) throws(PostgresError) -> Value {
        let (row32, column32) = (Int32(row), Int32(column))
        let oid = PQftype(pointer, column32)
        var bytes: UnsafeRawBufferPointer?
        if PQgetisnull(pointer, row32, column32) == 0 {
            bytes = UnsafeRawBufferPointer(
                start: PQgetvalue(pointer, row32, column32), count: Int(PQgetlength(pointer, row32, column32)))
        }
        guard let value = Value.decode(PostgresValue(oid: oid, bytes: bytes)) else {
            let found = bytes == nil ? "NULL" : PostgresType.name(ofOID: oid)
            throw PostgresError(
                .decoding(column: columnName(column), expected: Value.expectedType, found: found),
                statementName: statementName)
        }
        return value
    }
}
