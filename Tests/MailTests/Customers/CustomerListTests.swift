import Foundation
import OneTimeLinks
import Testing

@testable import Customers

@Suite("Lists of customer users")
struct CustomerListTests {
    @Test("CSV and tabs alike: columns in any order, quotes, a byte order mark, any line end")
    func lists() throws {
        let texts = [
            "login,email,valid,has_password,last_name\nanna,Anna@Example.org,1,0,Example\nbert,b@example.org,0,1,\n",
            "\u{FEFF}email,last_name,login,has_password,valid\r\n\"Anna@Example.org\",Example,anna,false,true\r\nb@example.org,,bert,yes,no",
            "login\temail\tvalid\thas_password\tlast_name\nanna\tAnna@Example.org\t1\t0\tExample\nbert\tb@example.org\t0\t1\tNULL\n",
        ]
        for text in texts {
            let list = try CustomerList(text, backend: "LDAP")
            #expect(list.customers.map(\.login) == ["anna", "bert"])
            #expect(list.customers.map(\.email) == ["anna@example.org", "b@example.org"])
            #expect(list.customers.map(\.isValid) == [true, false])
            #expect(list.customers.map(\.hasPassword) == [false, true])
            #expect(list.customers.map(\.lastName) == ["Example", ""])
            #expect(list.customers.allSatisfy { $0.backend == "LDAP" })
        }
    }

    @Test("What stands in the fields comes back as it is: commas, quotes, line ends, tabs, other scripts")
    func fields() throws {
        let list = try CustomerList(
            "login,email,last_name\na,a@example.org,\"Doe, \"\"Jane\"\"\nJunior\"\nb,b@example.org,Müller-Łuczak\n",
            backend: "B")
        #expect(list.customers.map(\.lastName) == ["Doe, \"Jane\"\nJunior", "Müller-Łuczak"])
        let tabs = try CustomerList(
            "login\temail\tlast_name\na\ta@example.org\tDoe \"x\" \\tTab \\\\ end\n", backend: "B")
        #expect(tabs.customers.first?.lastName == "Doe \"x\" \tTab \\ end")
    }

    @Test("Without the columns, accounts are valid and have a password; without a usable address they are left out")
    func defaults() throws {
        let list = try CustomerList("login,email\na,a@example.org\nb,\nc,nobody\nd,d@example.org", backend: "B")
        #expect(list.customers.map(\.login) == ["a", "d"])
        #expect(list.customers.allSatisfy { $0.isValid && $0.hasPassword })
        #expect(list.withoutAddress == 2)
    }

    @Test(
        "What is wrong is told with its row, and nothing is taken",
        arguments: [
            ("", .noColumn("login")), ("login\na", .noColumn("email")),
            ("login,email,shoe_size\n", .unknownColumn("shoe_size")),
            ("login,email,login\n", .unknownColumn("login")),
            ("login,email\na,a@example.org\nb\n", .fieldCount(line: 3, 1, 2)),
            ("login,email\na,a@example.org,x,y\n", .fieldCount(line: 2, 4, 2)),
            ("login,email\n ,a@example.org\n", .badLogin(line: 2)),
            ("login,email\n\(String(repeating: "x", count: 201)),a@example.org\n", .badLogin(line: 2)),
            ("login,email\na,a@example.org\nb,b@example.org\na,c@example.org\n", .twice(line: 4, earlier: 2)),
            ("login,email,valid\na,a@example.org,maybe\n", .notAFlag(line: 2, column: "valid")),
            ("login,email\n\"a\"b,a@example.org\n", .notCSV),
        ] as [(String, CustomerListError)])
    func refusals(text: String, error: CustomerListError) {
        #expect(throws: error) { try CustomerList(text, backend: "B") }
    }

    @Test("A row that cannot be used is left out and named, and the other rows are taken")
    func skipped() throws {
        let good = (0..<40).map { "c\($0),c\($0)@example.org,1,1" }
        let rows = [
            "n\0,n@example.org,1,1", "o,o\0@example.org,1,1", "ren\u{E9},r1@example.org,1,1",
            "rene\u{301},r2@example.org,1,1", ",x@example.org,1,1", "c7,twice@example.org,1,1",
            "f,f@example.org,maybe,1",
        ]
        let list = try CustomerList(
            (["login,email,valid,has_password"] + good + rows).joined(separator: "\n") + "\n", backend: "B")
        #expect(list.customers.count == 41 && list.customers.last?.email == "r1@example.org")
        #expect(
            list.skipped.map(\.description) == [
                "Row 42 has a character U+0000, which cannot be stored.",
                "Row 43 has a character U+0000, which cannot be stored.",
                "Row 45 has a login that looks like the one of row 44.",
                "Row 46 has no login, or one of more than 200 characters.", "Row 47 has the login of row 9.",
                "Row 48: valid must be 1 or 0.",
            ])
        // What cannot be read of a person is no reason to switch them off.
        #expect(list.skippedLogins.map { Array($0.utf8) } == ["o", "rene\u{301}", "c7", "f"].map { Array($0.utf8) })
    }

    @Test("Of a list of one row that has U+0000 nothing is left, and it is no error")
    func onlySkipped() throws {
        for text in ["login,email\na\0,a@example.org\n", "login\temail\na\\0\ta@example.org\n"] {
            let list = try CustomerList(text, backend: "B")
            #expect(list.customers.isEmpty && list.skipped.map(\.row) == [2])
        }
    }

    @Test("A list in another encoding is refused")
    func encoding() {
        #expect(throws: CustomerListError.notUTF8) {
            try CustomerList(decoding: Data([0x6C, 0xFC, 0x0A]), backend: "B")
        }
    }
}
