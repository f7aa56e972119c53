import Testing

@testable import MailCommands

@Suite("The arguments of sendmail")
struct SendmailArgumentsTests {
    @Test(
        "Who sends, who gets it, and what is passed on",
        arguments: [
            ("-i a@x b@x", nil, false, "a@x b@x", "-i", true), ("-f me@x a@x", "me@x", false, "a@x", "", true),
            ("-fme@x -- a@x", "me@x", false, "a@x", "", true), ("-r me@x a@x", "me@x", false, "a@x", "", true),
            ("-t", nil, true, "", "", true), ("-ti", nil, true, "", "-i", true), ("-it", nil, true, "", "-i", true),
            ("-oi -oem -t", nil, true, "", "-oi -oem", true), ("-F Name a@x", nil, false, "a@x", "-F Name", true),
            ("-FName a@x", nil, false, "a@x", "-FName", true),
            ("-N never -R hdrs a@x", nil, false, "a@x", "-N never -R hdrs", true),
            ("-G -i -f s@x -- -odd@x a@x", "s@x", false, "-odd@x a@x", "-G -i", true),
            ("-bm a@x", nil, false, "a@x", "-bm", true),
            ("-bs", nil, false, "", "", false), ("-bp", nil, false, "", "", false), ("-q", nil, false, "", "", false),
            ("-f", nil, false, "", "", true),
        ] as [(String, String?, Bool, String, String, Bool)])
    func parsing(
        text: String, sender: String?, readsHeader: Bool, recipients: String, options: String, isSubmission: Bool
    ) {
        let parsed = SendmailArguments(text.split(separator: " ").map(String.init))
        #expect((parsed.sender ?? "") == (sender ?? ""))
        #expect(parsed.readsHeader == readsHeader)
        #expect(parsed.recipients.joined(separator: " ") == recipients)
        #expect(parsed.options.joined(separator: " ") == options)
        #expect(parsed.isSubmission == isSubmission)
    }

    @Test("A mail that is handed on names its recipients, and a single dot does not end it")
    func written() {
        let bounce = SendmailArguments(["-f", "", "-oem", "a@x"])
        #expect(bounce.arguments(for: ["b@x"]) == ["-oem", "-i", "-f", "", "--", "b@x"])
        #expect(SendmailArguments(["-oi", "a@x"]).arguments(for: ["a@x"]) == ["-oi", "--", "a@x"])
    }
}
