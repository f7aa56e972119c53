import Foundation

extension SettingFormat {
    /// True if an operator may set the value.
    func accepts(_ value: String) -> Bool {
        switch self {
        case .text:
            return value.count <= 2000 && !value.unicodeScalars.contains { $0.value < 32 && $0 != "\n" && $0 != "\r" }
        case .line:
            return value.count <= 200 && !value.unicodeScalars.contains { $0.value < 32 || $0.value == 127 }
        case .authenticationServer:
            // A token of MIME (RFC 2045, 5.1), in other letters too (RFC 8616).
            return value.count <= 200
                && value.unicodeScalars.allSatisfy {
                    $0.value > 32 && $0.value != 127 && !$0.properties.isWhitespace
                        && !"()<>@,;:\\\"/[]?=".unicodeScalars.contains($0)
                }
        case .number: return number(from: value) != nil
        case .switchValue: return value == "0" || value == "1"
        case .schedule: return CronSchedule(value) != nil
        case .notificationID:
            return value.isEmpty || (value.utf8.allSatisfy { (48...57).contains($0) } && Int32(value) != nil)
        case .createCustomerUser: return CreateCustomerUserSetting.isAcceptable(value)
        case .customerDatabase: return value.isEmpty || CustomerDatabaseSetting(value) != nil
        case .queueSenders: return value.isEmpty || Settings.queueSenders(value) != nil
        case .choice(let words): return words.contains(value)
        case .language:
            return (2...8).contains(value.utf8.count) && value.utf8.allSatisfy { (97...122).contains($0) }
        }
    }

    /// True if a value that is stored all the same means something. A text that is too long is still a text, and its default
    /// would be further from what the operator wants: without a list of the desk's own addresses, for example, mails loop, and
    /// without the name of a mail server every sender is believed.
    func canUse(_ value: String) -> Bool {
        switch self {
        case .text, .line, .authenticationServer: true
        default: accepts(value)
        }
    }

    /// The number that a value stands for; nil: the format is none of a number, or the value does not fit it.
    func number(from value: String) -> Int? {
        guard case .number(let range) = self else { return nil }
        if value.isEmpty { return range.contains(0) ? 0 : nil }
        guard value.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(value), range.contains(number)
        else { return nil }
        return number
    }
}

/// A stored value that does not fit its setting, so that the default counts.
public struct UnusableSetting: Hashable, Sendable {
    public let name: String
    /// As it is stored.
    public let value: String
    /// What a value must look like, in words.
    public let format: String

    init(name: String, definition: SettingDefinition, value: String) {
        self.name = name
        self.value = value
        format = definition.format.description
    }
}
