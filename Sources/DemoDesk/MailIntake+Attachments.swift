extension MailIntake {
    /// The files of the mail. Its text in HTML is kept beside them under the name that the desk gives it, for its place among the texts.
    var attachments: [DemoAttachment] {
        var hasText = false
        var texts = 0
        var files: [DemoAttachment] = []
        for leaf in leaves {
            let type = leaf.field("Content-Type") ?? "text/plain"
            let (name, parameters) = MailText.contentType(type)
            let (word, fileParameters) = MailText.contentType(leaf.field("Content-Disposition") ?? "")
            let filename = fileParameters["filename"] ?? parameters["name"]
            if filename == nil, word != "attachment", name == "text/plain" || name == "text/html" {
                texts += 1
                let isPlain = name == "text/plain"
                // The first plain text is the article's own.
                if isPlain, !hasText {
                    hasText = true
                    continue
                }
                files.append(
                    DemoAttachment(
                        filename: "file-\(texts)", contentType: type, disposition: "inline", content: leaf.content,
                        isHTMLBody: !isPlain))
                continue
            }
            files.append(
                DemoAttachment(
                    filename: MailText.decodingWords(filename ?? "file-\(files.count + 1)"), contentType: type,
                    contentID: leaf.field("Content-ID") ?? "", disposition: word == "inline" ? "inline" : "attachment",
                    content: leaf.content))
        }
        return files
    }

    private var leaves: [MailIntake] { parts?.flatMap(\.leaves) ?? [self] }
}
