import Foundation
import TestSupport
import Testing

/// Postfix from Debian with a configuration and directories of its own, on loopback. It needs root, as Postfix does.
struct PostfixServer: Sendable {
    static var isHere: Bool { geteuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/sbin/postfix") }

    let directory: String
    let port: UInt16

    /// Delivers mail for local parts at example.org to commands, as the alias in the documentation does.
    init(aliases: [String: String]) async throws {
        directory = "/tmp/otalink-postfix-\(UUID().uuidString.prefix(8))"
        port = try FreePort.find()
        for folder in ["", "/spool", "/data"] {
            try FileManager.default.createDirectory(atPath: directory + folder, withIntermediateDirectories: true)
        }
        try Self.mainConfiguration(directory).write(toFile: directory + "/main.cf", atomically: true, encoding: .utf8)
        try Self.services(port).write(toFile: directory + "/master.cf", atomically: true, encoding: .utf8)
        try aliases.map { "\($0) \"|\($1)\"\n" }.joined()
            .write(toFile: directory + "/aliases", atomically: true, encoding: .utf8)
        try await ChildProcess.run("chown", ["postfix", directory + "/data"])
        try await ChildProcess.run("/usr/sbin/postfix", ["-c", directory, "start"])
    }

    func stop() async throws {
        try await ChildProcess.run("/usr/sbin/postfix", ["-c", directory, "stop"])
        try FileManager.default.removeItem(atPath: directory)
    }

    /// The queue as `postqueue -j` prints it; empty when all is delivered.
    func queue() async throws -> String {
        try await ChildProcess.run("/usr/sbin/postqueue", ["-c", directory, "-j"]).output
    }

    /// Postfix tries again every second or two, where a real one waits minutes.
    private static func mainConfiguration(_ directory: String) -> String {
        """
        compatibility_level = 3.6
        queue_directory = \(directory)/spool
        data_directory = \(directory)/data
        maillog_file = \(directory)/log
        maillog_file_prefixes = \(directory)
        inet_interfaces = 127.0.0.1
        myhostname = mx.example.org
        mydestination = example.org
        local_recipient_maps =
        alias_maps = texthash:\(directory)/aliases
        alias_database =
        smtpd_relay_restrictions = reject_unauth_destination
        queue_run_delay = 1s
        minimal_backoff_time = 1s
        maximal_backoff_time = 2s

        """
    }

    private static func services(_ port: UInt16) -> String {
        let internals = [
            ("pickup", "unix n - n 60 1"), ("cleanup", "unix n - n - 0"), ("qmgr", "unix n - n 300 1"),
            ("rewrite", "unix - - n - - trivial-rewrite"), ("bounce", "unix - - n - 0"),
            ("defer", "unix - - n - 0 bounce"),
            ("trace", "unix - - n - 0 bounce"), ("verify", "unix - - n - 1"), ("flush", "unix n - n 1000? 0"),
            ("proxymap", "unix - - n - -"), ("showq", "unix n - n - -"), ("error", "unix - - n - -"),
            ("retry", "unix - - n - - error"), ("discard", "unix - - n - -"), ("local", "unix - n n - -"),
            ("anvil", "unix - - n - 1"), ("postlog", "unix-dgram n - n - 1 postlogd"),
        ]
        let lines = internals.map { name, rest in
            rest.split(separator: " ").count == 6 ? "\(name) \(rest) \(name)" : "\(name) \(rest)"
        }
        return (["127.0.0.1:\(port) inet n - n - - smtpd"] + lines.map { $0 }).joined(separator: "\n") + "\n"
    }
}
