extension OTOBOSetup {
    /// The lines of Perl for `Kernel/Config.pm`: our table as one of the desk's customer backends, sign-in for those of its people
    /// who set a password at the desk, and a mail queue that outlasts an outage of ours.
    ///
    /// - Parameters:
    ///   - number: a number that no other backend has, 1 to 10.
    ///   - user: a user of our database in the role `otalink_desk`.
    public func configuration(number: Int, user: String) -> String {
        [customerBackend(number: number, user: user), passwordModule(user: user), Self.mailQueue].joined(
            separator: "\n\n")
    }

    /// The lines of Perl for `Kernel/Config.pm` that make our table one of the desk's customer backends.
    ///
    /// - Parameters:
    ///   - number: a number that no other backend has, 1 to 10.
    ///   - user: a user of our database in the role `otalink_desk`.
    func customerBackend(number: Int, user: String) -> String {
        let map = Self.columns.map { column in
            "        [ '\(column.field)', '\(column.title)', '\(column.name)', \(column.isShown ? 1 : 0), "
                + "\(column.isRequired ? 1 : 0), '\(column.type)', '', 0 ],"
        }
        return """
            # The customer users that otalink makes from incoming mail.
            $Self->{CustomerUser\(number)} = {
                Name   => 'otalink',
                Module => 'Kernel::System::CustomerUser::DB',
                Params => {
                    DSN           => '\(dataSource)',
                    User          => '\(user)',
                    Password      => 'CHANGE THIS',
                    Table         => 'otalink.own_customer_user',
                    CaseSensitive => 0,
                },
                CustomerKey                        => 'login',
                CustomerID                         => 'customer_id',
                CustomerValid                      => 'valid_id',
                CustomerUserListFields             => [ 'first_name', 'last_name', 'email' ],
                CustomerUserSearchFields           => [ 'login', 'first_name', 'last_name', 'email', 'customer_id' ],
                CustomerUserSearchPrefix           => '*',
                CustomerUserSearchSuffix           => '*',
                CustomerUserSearchListLimit        => 250,
                CustomerUserPostMasterSearchFields => ['email'],
                CustomerUserNameFields             => [ 'title', 'first_name', 'last_name' ],
                CustomerUserEmailUniqCheck         => 1,
                Map => [
            \(map.joined(separator: "\n"))
                ],
            };
            """
    }

    /// The desk's password module reads its own table unless told otherwise, and a customer user of our table whose password
    /// it does not find can sign in nowhere: the desk refuses the password, and otalink mails no token to a person who has one.
    private func passwordModule(user: String) -> String {
        """
        # Customer users of otalink's table who have set a password at the desk ("Forgot password?") sign in with it.
        $Self->{'Customer::AuthModule2'}                       = 'Kernel::System::CustomerAuth::DB';
        $Self->{'Customer::AuthModule::DB::Table2'}            = 'otalink.own_customer_user';
        $Self->{'Customer::AuthModule::DB::CustomerKey2'}      = 'login';
        $Self->{'Customer::AuthModule::DB::CustomerPassword2'} = 'pw';
        $Self->{'Customer::AuthModule::DB::DSN2'}              = '\(dataSource)';
        $Self->{'Customer::AuthModule::DB::User2'}             = '\(user)';
        $Self->{'Customer::AuthModule::DB::Password2'}         = 'CHANGE THIS';
        """
    }

    private var dataSource: String {
        "DBI:Pg:dbname=\(database.name);host=\(database.host);port=\(database.port)"
    }

    /// Tried on OTOBO 11.0.6; the default of three attempts ends after six minutes, and the mail is gone.
    private static let mailQueue = """
        # The desk tries a mail that otalink or the mail server could not take for two and a half days, not for six minutes.
        $Self->{MailQueue} = { ItemMaxAttempts => 60, IncrementAttemptDelayInMinutes => 2 };
        """

    private struct Column {
        let field, title, name: String
        var isShown = true
        var isRequired = false
        var type = "var"
    }

    private static let columns: [Column] = [
        Column(field: "UserTitle", title: "Title", name: "title"),
        Column(field: "UserFirstname", title: "First name", name: "first_name", isRequired: true),
        Column(field: "UserLastname", title: "Last name", name: "last_name", isRequired: true),
        Column(field: "UserLogin", title: "Login", name: "login", isRequired: true),
        Column(field: "UserPassword", title: "Password", name: "pw", isShown: false),
        Column(field: "UserEmail", title: "E-mail", name: "email", isRequired: true),
        Column(field: "UserCustomerID", title: "Customer ID", name: "customer_id", isShown: false, isRequired: true),
        Column(field: "UserPhone", title: "Phone", name: "phone"),
        Column(field: "UserFax", title: "Fax", name: "fax"),
        Column(field: "UserMobile", title: "Mobile", name: "mobile"),
        Column(field: "UserStreet", title: "Street", name: "street"),
        Column(field: "UserZip", title: "Postal code", name: "zip"),
        Column(field: "UserCity", title: "Town", name: "city"),
        Column(field: "UserCountry", title: "Country", name: "country"),
        Column(field: "UserComment", title: "Remarks", name: "comments"),
        Column(field: "ValidID", title: "Valid", name: "valid_id", isShown: false, isRequired: true, type: "int"),
    ]
}
