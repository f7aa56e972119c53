/// Plain and odd `From` fields that name a sender.
package let namedSenders: [SenderRow] = [
    .from("an address alone", "jane@example.org", "jane@example.org"),
    .from("an address in angle brackets", "<jane@example.org>", "jane@example.org"),
    .from("a name", "Jane Doe <jane@example.org>", "jane@example.org", name: "Jane Doe"),
    .from("a quoted name", "\"Jane Doe\" <jane@example.org>", "jane@example.org", name: "Jane Doe"),
    .from("a quoted name with a comma", "\"Doe, Jane\" <jane@example.org>", "jane@example.org", name: "Doe, Jane"),
    .from(
        "escaped quotation marks", #""Jane \"JD\" Doe" <jane@example.org>"#, "jane@example.org", name: "Jane \"JD\" Doe"
    ),
    .from("an escaped backslash", #""Jane \\ Doe" <jane@example.org>"#, "jane@example.org", name: "Jane \\ Doe"),
    .from("an empty quoted name", "\"\" <jane@example.org>", "jane@example.org"),
    .from("a name of blanks", "\"   \" <jane@example.org>", "jane@example.org"),
    .from("an invisible name", "\"\u{200B}\u{2060}\u{3164}\" <jane@example.org>", "jane@example.org"),
    .from("no space before the bracket", "Jane<jane@example.org>", "jane@example.org", name: "Jane"),
    .from("spaces inside the brackets", "Jane < jane@example.org >", "jane@example.org", name: "Jane"),
    .from("many spaces", "   Jane    Doe   <jane@example.org>  ", "jane@example.org", name: "Jane Doe"),
    .from("a tab between name and address", "Jane\t<jane@example.org>", "jane@example.org", name: "Jane"),
    .from("a folded name", "Jane\n Doe\n <jane@example.org>", "jane@example.org", name: "Jane Doe"),
    .from("folded with CRLF", "Jane\r\n Doe <jane@example.org>\r", "jane@example.org", name: "Jane Doe"),
    .from("folded right after the colon", "\n jane@example.org", "jane@example.org"),
    .from("a middle initial with a dot", "Jane Q. Doe <jane@example.org>", "jane@example.org", name: "Jane Q. Doe"),
    .from("square brackets in the name", "Jane [ACME] <jane@example.org>", "jane@example.org", name: "Jane [ACME]"),
    .from("an apostrophe in the name", "Jane O'Neil <jane@example.org>", "jane@example.org", name: "Jane O'Neil"),
    .from("an apostrophe in the address", "jane.o'neil@example.org", "jane.o'neil@example.org"),
    .from("apostrophes around the name", "'Jane Doe' <jane@example.org>", "jane@example.org", name: "Jane Doe"),
    .from("apostrophes in quotation marks", "\"'Jane Doe'\" <jane@example.org>", "jane@example.org", name: "Jane Doe"),
    .from("a slash and an ampersand", "R&D / Jane <jane@example.org>", "jane@example.org", name: "R&D / Jane"),
    .from("an at sign that is no address", "Jane @ Work <jane@example.org>", "jane@example.org", name: "Jane @ Work"),
    .from("a handle as name", "@jane <jane@example.org>", "jane@example.org", name: "@jane"),
    .from("a plus address", "jane+desk@example.org", "jane+desk@example.org"),
    .from("an underscore and digits", "jane_doe42@example.org", "jane_doe42@example.org"),
    .from("every symbol of an atom but wildcards", "!#$&'+/=?^_`{|}~@example.org", "!#$&'+/=?^_`{|}~@example.org"),
    .from("a doubled dot", "jane..doe@example.org", "jane..doe@example.org"),
    .from("a doubled dot in brackets", "Jane <jane..doe@example.org>", "jane..doe@example.org", name: "Jane"),
    .from("a dot before the at sign", "jane.@example.org", "jane.@example.org"),
    .from("a dot before the at sign, quoted", "\"jane.\"@example.org", "jane.@example.org"),
    .from("capital letters", "Jane.DOE@Example.ORG", "jane.doe@example.org"),
    .from("a quoted local part that needs no quotes", "\"jane\"@example.org", "jane@example.org"),
    .from("a quoted local part in brackets", "Jane <\"jane.doe\"@example.org>", "jane.doe@example.org", name: "Jane"),
    .from("a subdomain", "jane@mail.eu.example.org", "jane@mail.eu.example.org"),
    .from("digits in the domain", "jane@4u.example", "jane@4u.example"),
    .from(
        "a local part of 64 characters", "\(String(repeating: "a", count: 64))@example.org",
        "\(String(repeating: "a", count: 64))@example.org"),
    .from("254 characters in all", "a@\(longDomain(length: 252))", "a@\(longDomain(length: 252))"),
    .from("a comment as name", "jane@example.org (Jane Doe)", "jane@example.org", name: "Jane Doe"),
    .from("a comment before the address", "(Jane) jane@example.org", "jane@example.org", name: "Jane"),
    .from(
        "a nested comment", "jane@example.org (Jane (the first) Doe)", "jane@example.org", name: "Jane (the first) Doe"),
    .from("a comment beside a name", "Jane Doe (ACME) <jane@example.org>", "jane@example.org", name: "Jane Doe"),
    .from("a comment after the bracket", "Jane <jane@example.org> (at home)", "jane@example.org", name: "Jane"),
    .from(
        "a comment with an escaped parenthesis", #"jane@example.org (Jane \) Doe)"#, "jane@example.org",
        name: "Jane ) Doe"),
    .from("an encoded word, Q", "=?utf-8?Q?J=C3=BCrgen?= <j@example.org>", "j@example.org", name: "Jürgen"),
    .from("an encoded word, B", "=?UTF-8?B?SsO8cmdlbg==?= <j@example.org>", "j@example.org", name: "Jürgen"),
    .from(
        "an encoded word in Latin 1", "=?iso-8859-1?q?J=FCrgen_M=FCller?= <j@example.org>", "j@example.org",
        name: "Jürgen Müller"),
    .from(
        "an encoded word in Windows 1251", "=?windows-1251?B?yOLg7Q==?= <i@example.org>", "i@example.org", name: "Иван"),
    .from("an encoded word in Shift JIS", "=?shift_jis?B?iMmToQ==?= <ito@example.org>", "ito@example.org", name: "伊藤"),
    .from(
        "an encoded word in ISO 2022 JP", "=?iso-2022-jp?B?GyRCMEtGIxsoQg==?= <ito@example.org>", "ito@example.org",
        name: "伊藤"),
    .from(
        "two encoded words", "=?utf-8?Q?J=C3=BCrgen?= =?utf-8?Q?_M=C3=BCller?= <j@example.org>", "j@example.org",
        name: "Jürgen Müller"),
    .from(
        "two encoded words, folded", "=?utf-8?Q?J=C3=BCr?=\n =?utf-8?Q?gen?= <j@example.org>", "j@example.org",
        name: "Jürgen"),
    .from(
        "two encoded words with padding", "=?utf-8?B?SsO8cmdlbg==?= =?utf-8?B?SsO8cmdlbg==?= <j@example.org>",
        "j@example.org",
        name: "JürgenJürgen"),
    .from(
        "a character split over two encoded words", "=?utf-8?Q?J=C3?= =?utf-8?Q?=BCrgen?= <j@example.org>",
        "j@example.org",
        name: "Jürgen"),
    .from(
        "an encoded word with a language", "=?utf-8*de?Q?J=C3=BCrgen?= <j@example.org>", "j@example.org", name: "Jürgen"
    ),
    .from(
        "an encoded word that is none", "=?utf-8?X?Jane?= <j@example.org>", "j@example.org", name: "=?utf-8?X?Jane?="),
    .from(
        "an encoded word and an atom", "=?utf-8?Q?J=C3=BCrgen?= Doe <j@example.org>", "j@example.org",
        name: "Jürgen Doe"),
    .from(
        "an encoded comma", "=?utf-8?Q?M=C3=BCller=2C_J=C3=BCrgen?= <j@example.org>", "j@example.org",
        name: "Müller, Jürgen"),
    .from(
        "a raw comma in an encoded word", "=?utf-8?Q?M=C3=BCller,_J=C3=BCrgen?= <j@example.org>", "j@example.org",
        name: "Müller, Jürgen"),
    .from(
        "a raw bracket in an encoded word", "=?utf-8?Q?M=C3=BCller_(ACME)?= <j@example.org>", "j@example.org",
        name: "Müller (ACME)"),
    .from(
        "an encoded word in quotation marks", "\"=?utf-8?Q?J=C3=BCrgen?=\" <j@example.org>", "j@example.org",
        name: "Jürgen"),
    .from("an encoded word in a comment", "j@example.org (=?utf-8?Q?J=C3=BCrgen?=)", "j@example.org", name: "Jürgen"),
    .from("an encoded word of unknown charset", "=?x-none?Q?Jane?= <j@example.org>", "j@example.org", name: "Jane"),
    .from("an encoded line break", "=?utf-8?Q?Jane=0D=0ABcc:_x?= <j@example.org>", "j@example.org", name: "JaneBcc: x"),
    .from("an emoji", "Jane 🦊 <jane@example.org>", "jane@example.org", name: "Jane 🦊"),
    .from("a name from right to left", "\"שרה כהן\" <sara@example.org>", "sara@example.org", name: "שרה כהן"),
    .from("raw UTF-8", "Jürgen Müller <j@example.org>", "j@example.org", name: "Jürgen Müller"),
    SenderRow(
        "raw Latin 1", bytes: latin1("From: J\u{FC}rgen M\u{FC}ller <j@example.org>\n"), "j@example.org",
        name: "Jürgen Müller"),
    .from("an unquoted comma", "Doe, Jane <jane@example.org>", "jane@example.org", name: "Doe, Jane"),
    .from("two unquoted commas", "Doe, Jane, Dr. <jane@example.org>", "jane@example.org", name: "Doe, Jane, Dr."),
    .from("a raw umlaut and a comma", "Müller, Jürgen <j@example.org>", "j@example.org", name: "Müller, Jürgen"),
    .from("stray commas", ",, jane@example.org ,,", "jane@example.org"),
    .from("two mailboxes", "Jane <jane@example.org>, John <john@example.net>", "john@example.net", name: "John"),
    .from("three mailboxes", "a@example.org, b@example.org, c@example.org", "c@example.org"),
    .from(
        "two mailboxes, the last with a comma", "a@example.org, Doe, Jane <jane@example.org>", "jane@example.org",
        name: "Doe, Jane"),
    .from("the address as its own name", "jane@example.org <jane@example.org>", "jane@example.org"),
    .from("the address as its own name, quoted", "\"jane@example.org\" <jane@example.org>", "jane@example.org"),
    .from("the address as its own name, in capitals", "\"Jane@EXAMPLE.org\" <jane@example.org>", "jane@example.org"),
    .from("the address as its own name, in apostrophes", "'jane@example.org' <jane@example.org>", "jane@example.org"),
    .from(
        "the own address beside a name", "\"Jane (jane@example.org)\" <jane@example.org>", "jane@example.org",
        name: "Jane (jane@example.org)"),
    .from("an international domain", "jane@müller.example", "jane@xn--mller-kva.example"),
    .from("an international domain in capitals", "jane@MÜLLER.example", "jane@xn--mller-kva.example"),
    .from("an international domain, decomposed", "jane@mu\u{308}ller.example", "jane@xn--mller-kva.example"),
    .from("a sharp s, as RFC 5891 has it", "jane@straße.example", "jane@xn--strae-oqa.example"),
    .from("an A-label", "jane@xn--mller-kva.example", "jane@xn--mller-kva.example"),
    .from("an A-label in capitals", "jane@XN--MLLER-KVA.example", "jane@xn--mller-kva.example"),
    .from("a Chinese domain", "li@例子.example", "li@xn--fsqu00a.example"),
    .from(
        "an A-label and its name", "\"jane@müller.example\" <jane@xn--mller-kva.example>", "jane@xn--mller-kva.example"),
    SenderRow("the field name in capitals", "FROM: jane@example.org\n", "jane@example.org"),
    SenderRow("no space after the colon", "from:jane@example.org\n", "jane@example.org"),
    SenderRow(
        "a doubled field that agrees", "From: jane@example.org\nFrom: Jane <JANE@example.org>\n", "jane@example.org"),
    SenderRow(
        "an envelope line", "From john@example.net Mon Dec 16 10:00:00 2024\nFrom: jane@example.org\n",
        "jane@example.org"),
    SenderRow(
        "Reply-To and Sender", "Reply-To: x@example.net\nSender: y@example.net\nFrom: jane@example.org\n",
        "jane@example.org"),
    SenderRow("a malformed line before", "nonsense\nFrom: jane@example.org\n", "jane@example.org"),
]

/// `From` fields that name nobody.
package let refusedSenders: [SenderRow] = [
    SenderRow("no From", "To: desk@example.com\n", "!no-from-field"),
    SenderRow("no header at all", "", "!no-from-field"),
    SenderRow("only Reply-To and Sender", "Reply-To: x@example.net\nSender: y@example.net\n", "!no-from-field"),
    SenderRow("only an envelope line", "From jane@example.org Mon Dec 16 10:00:00 2024\n", "!no-from-field"),
    SenderRow("From in the body", "To: desk@example.com\n\nFrom: jane@example.org\n", "!no-from-field"),
    SenderRow("Fromage", "Fromage: jane@example.org\n", "!no-from-field"),
    SenderRow("From folded into another field", "Subject: a\n From: jane@example.org\n", "!no-from-field"),
    .from("an empty From", "", "!no-address"),
    .from("an empty bracket", "<>", "!no-address"),
    .from("a name and an empty bracket", "Jane <>", "!no-address"),
    .from("a name only", "Jane Doe", "!no-address"),
    .from("a name in quotation marks only", "\"jane@example.org\"", "!no-address"),
    .from("an encoded address", "=?utf-8?B?amFuZUBleGFtcGxlLm9yZw==?=", "!no-address"),
    .from("an address in a comment only", "(jane@example.org)", "!no-address"),
    .from("an address and an empty bracket", "jane@example.org, <>", "!no-address"),
    SenderRow("From that disagree", "From: jane@example.org\nFrom: eve@example.net\n", "!from-fields-disagree"),
    SenderRow("a second From in capitals", "From: jane@example.org\nFROM: eve@example.net\n", "!from-fields-disagree"),
    SenderRow("a second From without address", "From: jane@example.org\nFrom:\n", "!no-address"),
    SenderRow("white space before the colon", "From : jane@example.org\n", "!oddly-spelled-from-field"),
    SenderRow(
        "white space before a later colon", "To: a@example.com\nFrom\t: jane@example.org\n", "!oddly-spelled-from-field"
    ),
    SenderRow(
        "a second From with white space", "From: jane@example.org\nFrom : eve@example.net\n",
        "!oddly-spelled-from-field"),
    SenderRow(
        "From after a bare CR", "Subject: a\rFrom: eve@example.net\nFrom: jane@example.org\n", "!from-fields-disagree"),
    SenderRow("From before a bare CR", "From: jane@example.org\rFrom: eve@example.net\n", "!oddly-spelled-from-field"),
    SenderRow("From at an indented start", " From: jane@example.org\n", "!oddly-spelled-from-field"),
    SenderRow("a NUL in the name", bytes: Array("Fr\0om: jane@example.org\n".utf8), "!oddly-spelled-from-field"),
    SenderRow(
        "a NUL in the value", bytes: Array("From: jane@example.org\0.example\n".utf8), "!ambiguous-controlCharacter"),
    SenderRow(
        "a BEL in the value", bytes: Array("From: J\u{7}ane <jane@example.org>\n".utf8), "!ambiguous-controlCharacter"),
    .from("a DEL in the name", "J\u{7F}ane <jane@example.org>", "!ambiguous-controlCharacter"),
    .from("another address as name", "boss@example.org <eve@example.net>", "!address-in-name"),
    .from("another address as quoted name", "\"boss@example.org\" <eve@example.net>", "!address-in-name"),
    .from("another address as encoded name", "=?utf-8?Q?boss=40example.org?= <eve@example.net>", "!address-in-name"),
    .from("another address inside the name", "\"The boss (boss@example.org)\" <eve@example.net>", "!address-in-name"),
    .from("a service writing for somebody", "\"jane@example.org via Board\" <board@example.net>", "!address-in-name"),
    .from("another address in a comment", "eve@example.net (boss@example.org)", "!address-in-name"),
    .from(
        "another address in angle brackets in quotes", "\"Boss <boss@example.org>\" <eve@example.net>",
        "!address-in-name"),
    .from("a full-width at sign in the name", "\"boss\u{FF20}example.org\" <eve@example.net>", "!address-in-name"),
    .from(
        "an encoded piece before a comma", "=?utf-8?Q?boss=40example.org?=, Eve <eve@example.net>", "!address-in-name"),
    .from("words after the address", "jane@example.org, Example Inc.", "!words-after-address"),
    .from("words after the bracket", "Jane <jane@example.org> Doe", "!ambiguous-strayText"),
    .from("a space in the address", "jane doe@example.org", "!ambiguous-strayText"),
    .from("spaces around the at sign", "jane @ example.org", "!ambiguous-strayText"),
    .from("two addresses without comma", "jane@example.org john@example.net", "!ambiguous-strayText"),
    .from("two brackets", "Jane <jane@example.org> <john@example.net>", "!ambiguous-angleBrackets"),
    .from("an unclosed bracket", "Jane <jane@example.org", "!ambiguous-angleBrackets"),
    .from("a closing bracket only", "jane@example.org>", "!ambiguous-angleBrackets"),
    .from("a doubled bracket", "<<jane@example.org>>", "!ambiguous-angleBrackets"),
    .from("an unclosed quotation mark", "\"Jane <jane@example.org>", "!ambiguous-unclosedQuote"),
    .from("a third quotation mark", "\"Jane\" \"Doe <jane@example.org>", "!ambiguous-unclosedQuote"),
    .from("an unclosed comment", "jane@example.org (Jane", "!ambiguous-unclosedQuote"),
    .from("a closing parenthesis only", "Jane) <jane@example.org>", "!ambiguous-unclosedQuote"),
    .from("an empty group", "undisclosed-recipients:;", "!ambiguous-group"),
    .from("a group of one", "Team: jane@example.org;", "!ambiguous-group"),
    .from("a group of two", "Team: jane@example.org, john@example.org;", "!ambiguous-group"),
    .from("an unquoted colon in the name", "Support: Jane <jane@example.org>", "!ambiguous-group"),
    .from("mailto", "mailto:jane@example.org", "!ambiguous-group"),
    .from("a semicolon between addresses", "jane@example.org; john@example.net", "!ambiguous-group"),
    .from("an address without domain", "jane@", "!undeliverable-missingDomain"),
    .from("a bracketed word", "Jane <jane>", "!undeliverable-missingDomain"),
    .from("an address without local part", "@example.org", "!undeliverable-missingLocalPart"),
    .from("an empty quoted local part", "\"\"@example.org", "!undeliverable-invalidLocalPart"),
    .from("two at signs", "jane@home@example.org", "!undeliverable-severalAtSigns"),
    .from("a source route", "<@relay.example:jane@example.org>", "!undeliverable-sourceRoute"),
    .from("localhost", "root@localhost", "!undeliverable-unreachableDomain"),
    .from("localhost.localdomain", "root@localhost.localdomain", "!undeliverable-unreachableDomain"),
    .from("a domain of one label", "jane@intranet", "!undeliverable-unreachableDomain"),
    .from("an address made unreachable", "jane@example.org.invalid", "!undeliverable-unreachableDomain"),
    .from("an IPv4 literal", "jane@[192.0.2.1]", "!undeliverable-domainLiteral"),
    .from("an IPv6 literal in brackets", "<jane@[IPv6:2001:db8::1]>", "!undeliverable-domainLiteral"),
    .from("an IP address without brackets", "jane@192.0.2.1", "!undeliverable-invalidDomain"),
    .from("a dot at the end of the domain", "jane@example.org.", "!undeliverable-invalidDomain"),
    .from("a dot at the start of the domain", "jane@.example.org", "!undeliverable-invalidDomain"),
    .from("an empty label", "jane@example..org", "!undeliverable-invalidDomain"),
    .from("an underscore in the domain", "jane@my_host.example", "!undeliverable-invalidDomain"),
    .from("a hyphen at the end of a label", "jane@host-.example", "!undeliverable-invalidDomain"),
    .from(
        "a label of 64 characters", "jane@\(String(repeating: "a", count: 64)).example", "!undeliverable-invalidDomain"),
    .from("an A-label that decodes to nothing", "jane@xn--zzzzzzzz999.example", "!undeliverable-invalidDomain"),
    .from("an A-label of plain ASCII", "jane@xn--example-.org", "!undeliverable-invalidDomain"),
    .from("a Kelvin sign in the domain", "jane@\u{212A}elvin.example", "!undeliverable-invalidDomain"),
    .from("a full-width domain", "jane@ｅxample.org", "!undeliverable-invalidDomain"),
    .from("an ideographic full stop", "jane@例子\u{3002}example", "!undeliverable-invalidDomain"),
    .from("a zero-width space in the domain", "jane@exam\u{200B}ple.org", "!undeliverable-invalidDomain"),
    .from("an international local part", "jürgen@example.org", "!undeliverable-internationalLocalPart"),
    .from("a dotless i in the local part", "adm\u{131}n@example.org", "!undeliverable-internationalLocalPart"),
    .from("a comment in the local part", "a(c)b@x.example", "!ambiguous-commentInAddress"),
    .from("a comment in the domain", "tim@exam(c)ple.com", "!ambiguous-commentInAddress"),
    .from("a comment before the at sign", "jane(c)@example.org", "!ambiguous-commentInAddress"),
    .from("a comment after the at sign", "jane@(c)example.org", "!ambiguous-commentInAddress"),
    .from("a comment and blanks in an address", "jane (c) @example.org", "!ambiguous-commentInAddress"),
    .from("a comment in the local part, in brackets", "<a(c)b@x.example>", "!undeliverable-invalidLocalPart"),
    .from("a comment in the domain, in brackets", "<tim@exam(c)ple.com>", "!undeliverable-invalidDomain"),
    .from("an asterisk", "*@example.org", "!undeliverable-invalidLocalPart"),
    .from("an asterisk among letters", "ja*e@example.org", "!undeliverable-invalidLocalPart"),
    .from("an asterisk in quotation marks", "\"*\"@example.org", "!undeliverable-invalidLocalPart"),
    .from("a percent sign", "%@example.org", "!undeliverable-invalidLocalPart"),
    .from("a percent sign among letters", "jane%home@example.org", "!undeliverable-invalidLocalPart"),
    .from("a dot at the start", ".jane@example.org", "!undeliverable-invalidLocalPart"),
    .from("a leading hyphen", "-oProxy=x@example.org", "!undeliverable-invalidLocalPart"),
    .from("a quoted at sign", "\"jane@home\"@example.org", "!undeliverable-invalidLocalPart"),
    .from("a quoted space", "<\"jane doe\"@example.org>", "!undeliverable-whiteSpace"),
    .from("a space inside the brackets", "<jane doe@example.org>", "!undeliverable-whiteSpace"),
    .from("a no-break space", "jane\u{A0}doe@example.org", "!undeliverable-whiteSpace"),
    .from("square brackets in the local part", "jane[1]@example.org", "!undeliverable-invalidLocalPart"),
    .from(
        "a local part of 65 characters", "\(String(repeating: "a", count: 65))@example.org",
        "!undeliverable-localPartTooLong"),
    .from("255 characters in all", "ab@\(longDomain(length: 252))", "!undeliverable-addressTooLong"),
]

/// Programs, and persons who look like one.
package let robotSenders: [SenderRow] = [
    .robot("nothing special", "Subject: Hello", nil, envelope: "jane@example.org"),
    .robot("an empty envelope sender", "Subject: Hello", "empty-envelope-sender", envelope: ""),
    .robot("an envelope sender of brackets", "Subject: Hello", "empty-envelope-sender", envelope: "<>"),
    .robot("Postfix's name for it", "Subject: Hello", "empty-envelope-sender", envelope: "MAILER-DAEMON"),
    .robot("another envelope sender", "Subject: Hello", nil, envelope: "bounce-42@lists.example.net"),
    .robot("an empty Return-Path", "Return-Path: <>", "empty-envelope-sender"),
    .robot("a Return-Path", "Return-Path: <jane@example.org>", nil),
    .robot(
        "an envelope line of the mailer daemon", "From MAILER-DAEMON Mon Dec 16 10:00:00 2024", "empty-envelope-sender"),
    .robot("an envelope line of a person", "From jane@example.org Mon Dec 16 10:00:00 2024", nil),
    .robot("a delivery report", "Content-Type: multipart/report; report-type=delivery-status; boundary=x", "report"),
    .robot("a read receipt", "Content-Type: multipart/report; report-type=\"disposition-notification\"", "report"),
    .robot("a complaint report", "Content-Type: Multipart/Report;\n report-type=feedback-report", "report"),
    .robot("a bare delivery status", "Content-Type: message/delivery-status", "report"),
    .robot("a bounce of Exim", "X-Failed-Recipients: john@example.net", "report"),
    .robot("a multipart mail", "Content-Type: multipart/mixed; boundary=report", nil),
    .robot("auto-replied", "Auto-Submitted: auto-replied", "automatic-answer"),
    .robot("auto-generated in capitals", "AUTO-SUBMITTED: Auto-Generated", "automatic-answer"),
    .robot(
        "auto-replied with a parameter", "Auto-Submitted: auto-replied; owner-email=\"x@example.org\"",
        "automatic-answer"),
    .robot("auto-replied after a comment", "Auto-Submitted: (vacation) auto-replied", "automatic-answer"),
    .robot("auto-notified, folded", "Auto-Submitted:\n auto-notified", "automatic-answer"),
    .robot("Auto-Submitted: no", "Auto-Submitted: no", nil),
    .robot("Auto-Submitted: no, in capitals", "Auto-Submitted: NO (by hand)", nil),
    .robot("an empty Auto-Submitted", "Auto-Submitted:", nil),
    .robot("Auto-Submitted with white space", "Auto-Submitted : auto-replied", "automatic-answer"),
    .robot("no and auto-replied", "Auto-Submitted: no\nAuto-Submitted: auto-replied", "automatic-answer"),
    .robot("X-Autoreply", "X-Autoreply: yes", "automatic-answer"),
    .robot("X-Autorespond", "X-Autorespond: vacation", "automatic-answer"),
    .robot("List-Id", "List-Id: <team.example.org>", "mailing-list"),
    .robot("List-Unsubscribe", "List-Unsubscribe: <https://example.org/u>", "mailing-list"),
    .robot("List-Post", "list-post: <mailto:team@example.org>", "mailing-list"),
    .robot("an old mailing list", "Mailing-List: contact team-help@example.org", "mailing-list"),
    .robot("Precedence: bulk", "Precedence: bulk", "bulk"),
    .robot("Precedence: list", "Precedence: List", "bulk"),
    .robot("Precedence: junk", "Precedence:junk", "bulk"),
    .robot("Precedence: auto_reply", "Precedence: auto_reply", "bulk"),
    .robot("Precedence: first-class", "Precedence: first-class", nil),
    .robot("X-Loop", "X-Loop: jane@example.org", "loop"),
    .robot("X-Autogenerated", "X-Autogenerated: Reply", "automatic-answer"),
    .robot("X-Autoresponse", "X-AutoResponse: 1", "automatic-answer"),
    .robot("X-AutoReply-From", "X-AutoReply-From: jane@example.org", "automatic-answer"),
    .robot("X-Mail-Autoreply", "X-Mail-Autoreply: yes", "automatic-answer"),
    .robot("X-FC-MachineGenerated", "X-FC-MachineGenerated: true", "automatic-answer"),
    .robot("X-FC-MachineGenerated: false", "X-FC-MachineGenerated: false", nil),
    .robot("X-Vacation", "X-Vacation: on", "automatic-answer"),
    .robot("X-OTOBO-Loop", "X-OTOBO-Loop: yes", "loop"),
    .robot("X-OTRS-Loop", "X-OTRS-Loop: yes", "loop"),
    .robot("X-Znuny-Loop", "X-Znuny-Loop: yes", "loop"),
    .robot("X-Auto-Response-Suppress alone", "X-Auto-Response-Suppress: All", nil),
    .robot("Importance: low", "Importance: low", nil),
    SenderRow(
        "the desk itself", "From: Desk <Desk@example.com>\n", "desk@example.com", name: "Desk", robot: "own-address"),
    SenderRow(
        "mailer-daemon", "From: MAILER-DAEMON@mx.example.org\n", "mailer-daemon@mx.example.org",
        robot: "unattended-address"),
    SenderRow("postmaster", "From: postmaster@example.org\n", "postmaster@example.org", robot: "unattended-address"),
    SenderRow(
        "no-reply", "From: Shop <no-reply@example.org>\n", "no-reply@example.org", name: "Shop",
        robot: "unattended-address"),
    SenderRow(
        "noreply with a tag", "From: noreply+42@example.org\n", "noreply+42@example.org", robot: "unattended-address"),
    SenderRow(
        "do-not-reply", "From: do-not-reply@example.org\n", "do-not-reply@example.org", robot: "unattended-address"),
    SenderRow(
        "noreply behind a tag", "From: jane+donotreply@example.org\n", "jane+donotreply@example.org",
        robot: "unattended-address"),
    SenderRow(
        "noreply behind a hyphen", "From: notifications-noreply@example.org\n", "notifications-noreply@example.org",
        robot: "unattended-address"),
    SenderRow(
        "noreply in other words", "From: no_responder@example.org\n", "no_responder@example.org",
        robot: "unattended-address"),
    SenderRow(
        "autoreply", "From: auto-reply.desk@example.org\n", "auto-reply.desk@example.org", robot: "unattended-address"),
    SenderRow(
        "a bounce of a list", "From: bounce+jane=example.org@example.net\n", "bounce+jane=example.org@example.net",
        robot: "unattended-address"),
    SenderRow(
        "a list's bounces", "From: team-bounces@example.org\n", "team-bounces@example.org", robot: "unattended-address"),
    SenderRow("a person named Bounce", "From: peter.bounce@example.org\n", "peter.bounce@example.org"),
    SenderRow("a person named Noreplyson", "From: casino-reply@example.org\n", "casino-reply@example.org"),
    SenderRow("a name that begins like it", "From: noreplyson@example.org\n", "noreplyson@example.org"),
    SenderRow(
        "a bounce that names nobody", "Return-Path: <>\nFrom: Mail Delivery System <>\n", "!no-address",
        robot: "empty-envelope-sender"),
    SenderRow(
        "a list whose From is refused", "List-Id: <t.example>\nFrom: a@example.org via List <t@example.net>\n",
        "!address-in-name", robot: "mailing-list"),
]

/// A domain of this many characters.
private func longDomain(length: Int) -> String {
    let label = String(repeating: "a", count: 61) + "."
    let labels = String(repeating: label, count: 4)
    return String(labels.suffix(length - ".example".count + 1).drop(while: { $0 == "." }).dropLast()) + ".example"
}

/// The text in ISO 8859-1.
func latin1(_ text: String) -> [UInt8] {
    text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
}
