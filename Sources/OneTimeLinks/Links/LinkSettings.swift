import Foundation

/// The settings that the rules look at, as values. The defaults are those of `SettingDefinition`.
public struct LinkSettings: Hashable, Sendable {
    /// `OneTimeAuth::AccessDaysAfterClose`; 0: access ends with the close.
    public var accessDaysAfterClose = 14
    /// `LinkLifetime`, in days; 0: links do not age.
    public var linkLifetimeDays = 14
    /// `RefreshMailsPerMinute`, for one person and ticket.
    public var refreshMailsPerMinute = 1
    /// `RefreshMailsPerHour`, for one person and ticket.
    public var refreshMailsPerHour = 5
    /// `SessionIdleTime`, in seconds.
    public var sessionIdleTime: TimeInterval = 8 * 3600
    /// `SessionLifetime`, in seconds.
    public var sessionLifetime: TimeInterval = 24 * 3600
    /// `PlainURLWithPassword`: customer users who have a password get the plain ticket URL.
    public var plainURLWithPassword = true

    /// The defaults.
    public init() {}
}
