import Foundation
import MailMessage
import OneTimeLinks
import SwiftCSV

/// A complete list of the customer users of one backend: the rows of a CSV file, or of what a database client prints with
/// tabs between the columns.
public struct CustomerList: Sendable {
    public private(set) var customers: [CustomerUser] = []
    /// Rows without an address that could be mailed to: links cannot reach these people.
    public private(set) var withoutAddress = 0

    /// An empty list.
    public init() {}

    /// Adds an account, if its address can be mailed to.
    public mutating func add(_ customer: CustomerUser) {
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

    /// Reads a list in UTF-8; see ``init(_:backend:)``.
    public init(decoding data: Data, backend: String) throws {
        guard let text = String(validating: data, as: UTF8.self) else { throw CustomerListError.notUTF8 }
        try self.init(text, backend: backend)
    }

    /// Reads a list. Its first line names the columns: `login` and `email`, and in any order `customer_id`, `first_name`,
    /// `last_name`, `valid` (1 or 0; 1 if the column is missing) and `has_password` (the same, so that whoever may have a
    /// password gets the plain address of the ticket rather than a link).
    ///
    /// - Parameter backend: the name of the backend.
    /// - Throws: `CustomerListError`, which names the line.
    public init(_ text: String, backend: String) throws {
        let (header, rows) = try Self.table(text)
        let columns = try Self.columns(header)
        var lines: [String: Int] = [:]
        for (index, row) in rows.enumerated() {
            let line = index + 2
            guard row.count == header.count else {
                throw CustomerListError.fieldCount(line: line, row.count, header.count)
            }
            func value(_ name: String) -> String? {
                columns[name].map { row[$0].trimmingCharacters(in: .whitespaces) }
            }
            func flag(_ name: String) throws -> Bool {
                guard let text = value(name) else { return true }
                guard let flag = Self.flags[text.lowercased()] else {
                    throw CustomerListError.notAFlag(line: line, column: name)
                }
                return flag
            }
            let login = value("login") ?? ""
            guard (1...200).contains(login.unicodeScalars.count) else { throw CustomerListError.badLogin(line: line) }
            if let earlier = lines.updateValue(line, forKey: login) {
                throw CustomerListError.twice(line: line, earlier: earlier)
            }
            let (isValid, hasPassword) = (try flag("valid"), try flag("has_password"))
            add(
                CustomerUser(
                    login: login, email: value("email") ?? "", customerID: value("customer_id") ?? "",
                    firstName: value("first_name") ?? "", lastName: value("last_name") ?? "", isValid: isValid,
                    hasPassword: hasPassword, backend: backend))
        }
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
