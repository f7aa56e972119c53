/// How much the desk's columns hold, in characters. A longer value makes the desk fail, and answer a new ticket with an error.
public enum DeskColumns {
    /// `customer_user.login` of a desk whose MariaDB has four bytes for a character.
    public static let longestLogin = 191
    /// `customer_user.email`.
    public static let longestEmail = 150
    /// `ticket.customer_id` and `customer_user.customer_id`.
    public static let longestCustomerID = 150
    /// `customer_user.first_name` and `last_name`, in Unicode code points, as PostgreSQL counts.
    public static let longestName = 100
}

extension CustomerUser {
    /// True if the desk can store a ticket of this customer user.
    public var canHaveTickets: Bool {
        login.unicodeScalars.count <= DeskColumns.longestLogin
            && customerID.unicodeScalars.count <= DeskColumns.longestCustomerID
    }

    /// True if the desk, and our own table, can hold the account as it is. Nothing is cut: a cut login or address could be
    /// the one of somebody else.
    public var canBeStored: Bool {
        canHaveTickets && email.unicodeScalars.count <= DeskColumns.longestEmail
    }
}
