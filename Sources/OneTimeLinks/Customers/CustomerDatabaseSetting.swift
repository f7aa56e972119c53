import Foundation

/// The value of `CustomerDatabase`: where the desk keeps its customer users, in the words of a customer backend in its
/// `Kernel/Config.pm`. What is left out is as in the family's own table.
public struct CustomerDatabaseSetting: Hashable, Sendable {
    /// The backend's name at the desk, such as `CustomerUser`.
    public var backend: String
    /// The table, with its schema if need be.
    public var table: String
    /// Nil: preferences are not kept.
    public var preferencesTable: String?
    /// The table lacks the columns that say who changed a row, and when (`ForeignDB`).
    public var isForeign: Bool
    public var columns: Columns

    /// Names of columns.
    public struct Columns: Hashable, Sendable {
        public var login = "login"
        public var email = "email"
        public var customerID = "customer_id"
        public var firstName = "first_name"
        public var lastName = "last_name"
        /// Nil: nobody there signs in with a password.
        public var password: String? = "pw"
        /// Nil: all accounts are valid.
        public var validity: String? = "valid_id"
    }

    /// Nil when the value is not acceptable.
    public init?(_ value: String) {
        guard let stored = try? JSONDecoder().decode(Stored.self, from: Data(value.utf8)),
            !stored.backend.isEmpty, stored.backend != Self.ownName
        else { return nil }
        backend = stored.backend
        table = stored.table ?? "customer_user"
        preferencesTable = stored.preferencesTable.map { $0.isEmpty ? nil : $0 } ?? "customer_preferences"
        isForeign = stored.foreignDB == 1
        columns = Columns()
        for (field, column) in stored.map ?? [:] {
            switch field {
            case "UserLogin": columns.login = column
            case "UserEmail": columns.email = column
            case "UserCustomerID": columns.customerID = column
            case "UserFirstname": columns.firstName = column
            case "UserLastname": columns.lastName = column
            case "UserPassword": columns.password = column.isEmpty ? nil : column
            case "ValidID": columns.validity = column.isEmpty ? nil : column
            default: return nil
            }
        }
        guard names.allSatisfy(Self.isName) else { return nil }
    }

    /// What the desk and the settings call our own table.
    public static let ownName = "otalink"

    private var names: [String] {
        [table, columns.login, columns.email, columns.customerID, columns.firstName, columns.lastName]
            + [preferencesTable, columns.password, columns.validity].compactMap { $0 }
    }

    /// Nothing that would have to be quoted within quotes; PostgreSQL cuts names at 63 bytes.
    private static func isName(_ name: String) -> Bool {
        name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
            (1...63).contains(part.utf8.count)
                && part.utf8.allSatisfy {
                    $0.isLetterOrDigit || $0 == UInt8(ascii: "_") || $0 >= 128
                }
        }
    }

    private struct Stored: Decodable {
        let backend: String
        let table: String?
        let preferencesTable: String?
        let foreignDB: Int?
        let map: [String: String]?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case backend = "Backend"
            case table = "Table"
            case preferencesTable = "PreferencesTable"
            case foreignDB = "ForeignDB"
            case map = "Map"
        }

        init(from decoder: any Decoder) throws {
            // A word that is written wrongly would otherwise be passed over in silence.
            let all = try decoder.container(keyedBy: AnyKey.self)
            let known = Set(CodingKeys.allCases.map(\.rawValue))
            guard all.allKeys.allSatisfy({ known.contains($0.stringValue) }) else {
                throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "unknown key"))
            }
            let container = try decoder.container(keyedBy: CodingKeys.self)
            backend = try container.decode(String.self, forKey: .backend)
            table = try container.decodeIfPresent(String.self, forKey: .table)
            preferencesTable = try container.decodeIfPresent(String.self, forKey: .preferencesTable)
            foreignDB = try container.decodeIfPresent(Int.self, forKey: .foreignDB)
            map = try container.decodeIfPresent([String: String].self, forKey: .map)
        }
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
