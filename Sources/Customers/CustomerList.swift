import Foundation
import MailMessage
import OneTimeLinks
import SwiftCSV
import Text

/// A complete list of the customer users of one backend: the rows of a CSV file, or of what a database client prints with
/// tabs between the columns.
public struct CustomerList: Sendable {
    public private(set) var customers: [CustomerUser] = []
    /// Rows without an address that could be mailed to: links cannot reach these people.
    public private(set) var withoutAddress = 0
    /// Rows that were left out; the others count all the same.
    public private(set) var skipped: [SkippedRow] = []

    /// The rows of logins. Swift's texts are equal if they are the same but for their normalisation, so such logins meet here.
    private var rows: [String: (row: Int, login: String)] = [:]

    /// An empty list.
    public init() {}

    /// Logins of rows that were left out, as far as they can be read: whoever has a copy of them keeps it as it is.
    public var skippedLogins: [String] {
        skipped.compactMap(\.login).filter {
            StorableText.isStorable($0) && $0.unicodeScalars.count <= Self.longestLogin
        }
    }

    /// Adds an account, if its address can be mailed to, and no account has a login that looks the same.
    ///
    /// - Parameter row: its number, by which it is named if it is left out.
    public mutating func add(_ customer: CustomerUser, row: Int) {
        let texts = [customer.login, customer.email, customer.customerID, customer.firstName, customer.lastName]
        guard texts.allSatisfy(StorableText.isStorable) else {
            return skip(row, .unstorable, login: customer.login)
        }
        guard (1...Self.longestLogin).contains(customer.login.unicodeScalars.count) else {
            return skip(row, .badLogin, login: nil)
        }
        if let earlier = rows[customer.login] {
            let isSame = earlier.login.utf8.elementsEqual(customer.login.utf8)
            return skip(
                row, isSame ? .twice(earlier: earlier.row) : .alike(earlier: earlier.row), login: customer.login)
        }
        rows[customer.login] = (row, customer.login)
        guard let address = try? MailAddress(customer.email) else {
            withoutAddress += 1
            return
        }
        var customer = customer
        customer.email = address.address
        customer.customerID = customer.customerID.cut(toCodePoints: 254)
        customer.firstName = customer.firstName.cut(toCodePoints: 100)
        customer.lastName = customer.lastName.cut(toCodePoints: 100)
        customers.append(customer)
    }

    private mutating func skip(_ row: Int, _ reason: SkippedRow.Reason, login: String?) {
        skipped.append(SkippedRow(row: row, reason: reason, login: login))
    }

    private static let longestLogin = 200

    /// Reads a list in UTF-8; see ``init(_:backend:)``.
    public init(decoding data: Data, backend: String) throws {
        guard let text = String(validating: data, as: UTF8.self) else { throw CustomerListError.notUTF8 }
        try self.init(text, backend: backend)
    }

    /// Reads a list. Its first line names the columns: `login` and `email`, and in any order `customer_id`, `first_name`,
    /// `last_name`, `valid` (1 or 0; 1 if the column is missing) and `has_password` (the same, so that whoever may have a
    /// password gets the plain address of the ticket rather than a link).
    ///
    /// A row that cannot be used is left out. Where that is more than a tenth of them, the list is probably not what it is taken for, and
    /// is refused; a row with U+0000, or with a login that looks like another's, says nothing about the list.
    ///
    /// - Parameter backend: the name of the backend.
    /// - Throws: `CustomerListError`, which names the row.
    public init(_ text: String, backend: String) throws {
        let (header, rows) = try Self.table(text)
        let columns = try Self.columns(header)
        for (index, row) in rows.enumerated() {
            let line = index + 2
            guard row.count == header.count else {
                throw CustomerListError.fieldCount(line: line, row.count, header.count)
            }
            func value(_ name: String) -> String? {
                columns[name].map { row[$0].trimmingCharacters(in: .whitespaces) }
            }
            func flag(_ name: String) -> Bool? {
                value(name).map { Self.flags[$0.lowercased()] } ?? true
            }
            let login = value("login") ?? ""
            guard let isValid = flag("valid") else {
                skip(line, .notAFlag(column: "valid"), login: login)
                continue
            }
            guard let hasPassword = flag("has_password") else {
                skip(line, .notAFlag(column: "has_password"), login: login)
                continue
            }
            add(
                CustomerUser(
                    login: login, email: value("email") ?? "", customerID: value("customer_id") ?? "",
                    firstName: value("first_name") ?? "", lastName: value("last_name") ?? "", isValid: isValid,
                    hasPassword: hasPassword, backend: backend), row: line)
        }
        let telling = skipped.compactMap { row in row.error.map { (row.row, $0) } }
        if let first = telling.first, telling.count * 10 > rows.count { throw first.1 }
    }

    private static let known: Set = [
        "login", "email", "customer_id", "first_name", "last_name", "valid", "has_password",
    ]
    private static let flags = [
        "1": true, "0": false, "true": true, "false": false, "t": true, "f": false, "yes": true, "no": false, "": false,
    ]

    private static func columns(_ header: [String]) throws -> [String: Int] {
        var columns: [String: Int] = [:]
        for (index, name) in header.enumerated() {
            let name = name.trimmingCharacters(in: .whitespaces).lowercased()
            guard known.contains(name), columns.updateValue(index, forKey: name) == nil else {
                throw CustomerListError.unknownColumn(String(name.prefix(60)))
            }
        }
        for needed in ["login", "email"] where columns[needed] == nil { throw CustomerListError.noColumn(needed) }
        return columns
    }

    private static func table(_ text: String) throws -> (header: [String], rows: [[String]]) {
        let firstLine = text.prefix { !$0.isNewline }
        if firstLine.contains("\t") {
            let lines = text.split(whereSeparator: \.isNewline).map(fieldsBetweenTabs)
            return (lines.first ?? [], Array(lines.dropFirst()))
        }
        do {
            // The rows as they are: the reader's views fill up rows that are too short.
            let file = try CSV<Enumerated>(string: text, delimiter: .comma, loadColumns: false, rowLimit: 1)
            var rows: [[String]] = []
            try file.enumerateAsArray(startAt: 1, rowLimit: nil) { row in
                if row != [""] { rows.append(row) }
            }
            // The very last field is dropped by the reader if it is empty and no line end follows it.
            if let last = rows.last, last.count == file.header.count - 1, text.last?.isNewline == false {
                rows[rows.count - 1].append("")
            }
            return (file.header, rows)
        } catch is CSVParseError {
            throw CustomerListError.notCSV
        }
    }

    /// As `mysql --batch` writes: `\t`, `\n`, `\\` and `\0` stand for what would break the line, `NULL` for nothing.
    private static func fieldsBetweenTabs(_ line: Substring) -> [String] {
        line.split(separator: "\t", omittingEmptySubsequences: false).map { field in
            if field == "NULL" { return "" }
            guard field.contains("\\") else { return String(field) }
            var text = ""
            var isEscaped = false
            for character in field {
                if isEscaped {
                    text.append(["t": "\t", "n": "\n", "0": "\0"][character] ?? character)
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else {
                    text.append(character)
                }
            }
            return text
        }
    }
}

/// A row of a list that was left out.
public struct SkippedRow: Sendable, Hashable, CustomStringConvertible {
    /// Why.
    public enum Reason: Sendable, Hashable {
        /// It has U+0000, which the database cannot hold.
        case unstorable
        /// No login, or one of more than 200 characters.
        case badLogin
        /// Another row has the login.
        case twice(earlier: Int)
        /// Another row has a login that differs in its Unicode normalisation alone: people cannot tell them apart.
        case alike(earlier: Int)
        /// A column that takes 1 or 0 has something else.
        case notAFlag(column: String)
    }

    /// Counted from 1, the first line of the list included.
    public let row: Int
    public let reason: Reason
    let login: String?

    /// Carries nothing of the row's contents.
    public var description: String {
        switch reason {
        case .unstorable: "Row \(row) has a character U+0000, which cannot be stored."
        case .badLogin: "Row \(row) has no login, or one of more than 200 characters."
        case .twice(let earlier): "Row \(row) has the login of row \(earlier)."
        case .alike(let earlier): "Row \(row) has a login that looks like the one of row \(earlier)."
        case .notAFlag(let column): "Row \(row): \(column) must be 1 or 0."
        }
    }

    /// What the whole list is refused with if there are many such rows; nil for what says nothing about the list.
    fileprivate var error: CustomerListError? {
        switch reason {
        case .unstorable, .alike: nil
        case .badLogin: .badLogin(line: row)
        case .twice(let earlier): .twice(line: row, earlier: earlier)
        case .notAFlag(let column): .notAFlag(line: row, column: column)
        }
    }
}

/// What is wrong with a list of customer users. The descriptions carry no row's contents.
public enum CustomerListError: Error, Sendable, Equatable, CustomStringConvertible {
    case notUTF8
    case notCSV
    case noColumn(String)
    case unknownColumn(String)
    case fieldCount(line: Int, Int, Int)
    case badLogin(line: Int)
    case twice(line: Int, earlier: Int)
    case notAFlag(line: Int, column: String)

    public var description: String {
        switch self {
        case .notUTF8: "The list is not in UTF-8. Nothing was changed."
        case .notCSV: "This is no CSV: quotation marks do not match. Nothing was changed."
        case .noColumn(let name):
            "The first line must name the columns, and there is no column \(name). Write it like: login,email,valid,has_password"
        case .unknownColumn(let name):
            "The first line names a column twice, or one that has no meaning here: \(name). Known are login, email, "
                + "customer_id, first_name, last_name, valid, has_password."
        case .fieldCount(let line, let found, let wanted):
            "Row \(line) has \(found) fields, the first line \(wanted). Was the list cut short? Nothing was changed."
        case .badLogin(let line): "Row \(line) has no login, or one of more than 200 characters. Nothing was changed."
        case .twice(let line, let earlier): "Row \(line) has the login of row \(earlier). Nothing was changed."
        case .notAFlag(let line, let column): "Row \(line): \(column) must be 1 or 0. Nothing was changed."
        }
    }
}
