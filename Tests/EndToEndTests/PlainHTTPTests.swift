import Foundation
import Testing

@testable import otalink

@Suite("Passwords in the clear")
struct PlainHTTPTests {
    private static let others = ["OTALINK_DESK_LOGIN": "otalink", "OTALINK_DESK_PASSWORD": "pw"]

    @Test(
        "go to other hosts by https only, unless the operator says that the network is theirs alone",
        arguments: [
            ("https://desk.example.org/x", nil, true), ("http://desk.example.org/x", nil, false),
            ("HTTP://desk.example.org/x", nil, false), ("http://desk.example.org/x", "0", false),
            ("http://desk.example.org/x", "1", true), ("http://10.0.0.5/x", nil, false),
            ("http://[2001:db8::1]/x", nil, false), ("http://localhost.example.org/x", nil, false),
            ("http://127.0.0.1@desk.example.org/x", nil, false), ("http://127.0.0.1:8090/x", nil, true),
            ("http://127.0.0.2/x", nil, true), ("http://localhost/x", nil, true), ("http://[::1]:80/x", nil, true),
        ] as [(String, String?, Bool)])
    func remote(url: String, allowed: String?, isTaken: Bool) {
        for name in ["OTALINK_DESK_URL", "OTALINK_SERVICE_URL"] {
            var variables = Self.others
            variables[name] = url
            variables["OTALINK_ALLOW_PLAIN_HTTP"] = allowed
            let environment = ServiceEnvironment(variables)
            let objection: String
            do {
                if name == "OTALINK_DESK_URL" { _ = try environment.desk() } else { _ = try environment.serviceURL() }
                objection = ""
            } catch {
                objection = "\(error)"
            }
            #expect(objection.isEmpty == isTaken, "\(name) \(objection)")
            #expect(isTaken || (objection.contains(name) && objection.contains("OTALINK_ALLOW_PLAIN_HTTP")))
        }
    }

    @Test("The desk's debugger is found out at the level that stores them")
    func debugger() {
        let definition = "---\nDebugger:\n  DebugThreshold: LEVEL\n  TestMode: '0'\nDescription: debug\n"
        for (level, isStoring) in [
            ("debug", true), ("'debug'", true), ("\"debug\" ", true), ("error", false), ("info", false),
            ("notice", false),
        ] {
            let text = definition.replacing("LEVEL", with: level)
            #expect(DoctorCommand.storesRequests(text) == isStoring, "\(level)")
        }
    }

    @Test("Nothing in a name moves a terminal's cursor or turns its text around")
    func terminal() {
        #expect(
            Emphasis.shown("a\u{1B}[2Jb\u{9B}31m\u{202E}c\u{7}\n\td")
                == "a\u{FFFD}[2Jb\u{FFFD}31m\u{FFFD}c\u{FFFD}\n\td")
    }
}
