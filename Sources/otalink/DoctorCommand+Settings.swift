import Catalogue
import LinkStore
import OneTimeLinks

extension DoctorCommand {
    /// Stored settings that do not fit their definitions, row by row: somebody has typed them into the database.
    func settings(_ surroundings: Surroundings) async -> [Finding] {
        let subject = "settings"
        do {
            let settings = try await surroundings.store.settings.read()
            var findings = settings.unusable.map { setting in
                Finding(
                    verdict: .failed, subject: subject,
                    text:
                        "\(setting.name) is stored as '\(Self.shown(setting.value))', which cannot be used, so its default "
                        + "counts. It takes \(setting.format). Set it with: otalink setting set")
            }
            findings += settings.unknownNames.map { name in
                Finding(
                    verdict: .doubtful, subject: subject,
                    text:
                        "'\(Self.shown(name))' is stored, and this version knows no such setting. Nothing looks at it.")
            }
            for definition in SettingDefinition.all {
                // A text that is too long, or has line ends where there should be one line, counts as it is.
                guard let value = settings.text(definition.name), definition.objection(to: value) != nil else {
                    continue
                }
                findings.append(
                    Finding(
                        verdict: .doubtful, subject: subject,
                        text: "\(definition.name) is stored as '\(Self.shown(value))'. It takes "
                            + "\(definition.format.description)."))
            }
            findings += languages(settings)
            return findings.isEmpty
                ? [Finding(verdict: .good, subject: subject, text: "every stored value can be used")] : findings
        } catch {
            return [Finding(verdict: .failed, subject: subject, text: "\(error)")]
        }
    }

    /// Languages that no page is in.
    private func languages(_ settings: Settings) -> [Finding] {
        let known = Catalogue.all.map(\.language.tag)
        var findings = settings.messagesOfOneLanguage.filter { !known.contains($0.language) }.map { name, language in
            Finding(
                verdict: .doubtful, subject: "settings",
                text:
                    "\(name) is set, and no page is in the language '\(language)', so no page shows it. Pages are in: "
                    + "\(known.joined(separator: ", ")).")
        }
        if let language = settings.text(SettingName.defaultLanguage), !known.contains(language) {
            findings.append(
                Finding(
                    verdict: .doubtful, subject: "settings",
                    text:
                        "\(SettingName.defaultLanguage) is '\(language)', and no page is in it: they are in English instead. "
                        + "Pages are in: \(known.joined(separator: ", "))."))
        }
        return findings
    }

    /// A row's text on one line, and not much of it.
    private static func shown(_ text: String) -> String {
        let visible = text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? "?" : Character($0) }
        return visible.count > 80 ? String(visible.prefix(80)) + "..." : String(visible)
    }
}
