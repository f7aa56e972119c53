extension DemoDeskState {
    func createSession(_ input: OperationInput) throws(OperationFailure) -> DeskJSON {
        let operation = DeskOperation.sessionCreate
        guard let password = input.text("Password") else {
            throw OperationFailure(operation, "MissingParameter", "Password parameter is missing!")
        }
        guard let caller = caller(input, password: password) else {
            throw OperationFailure(operation, "AuthFail", "Authorization failing!")
        }
        return ["SessionID": .text(openSession(of: caller, from: input.clientAddress))]
    }

    func getSession(_ input: OperationInput) throws(OperationFailure) -> DeskJSON {
        guard let key = input.text("SessionID"), let session = session(key, from: input.clientAddress) else {
            throw OperationFailure(.sessionGet, "SessionInvalid", "SessionID is Invalid!")
        }
        let (login, type) =
            switch session.caller {
            case .agent(let login): (login, "User")
            case .customer(let login): (login, "Customer")
            }
        let data: [(String, String)] = [
            ("ChangeTime", wallClock.text(session.created)), ("CreateTime", wallClock.text(session.created)),
            ("SessionSource", "GenericInterface"), ("UserLogin", login), ("UserRemoteAddr", session.clientAddress),
            ("UserSessionStart", String(Int(session.created.timeIntervalSince1970))), ("UserType", type),
        ]
        return ["SessionData": .array(data.map { ["Key": .text($0.0), "Value": .text($0.1)] })]
    }

    /// Whose call this is, by session or by login and password; `*.AuthFail` otherwise.
    func authenticate(_ input: OperationInput, for operation: DeskOperation) throws(OperationFailure) -> DemoCaller {
        if let key = input.text("SessionID"), let session = session(key, from: input.clientAddress) {
            return session.caller
        }
        if input.text("SessionID") == nil, let password = input.text("Password"),
            let caller = caller(input, password: password)
        {
            return caller
        }
        let changes = operation == .ticketCreate || operation == .ticketUpdate
        let message = changes ? "User could not be authenticated!" : "Authorization failing!"
        throw OperationFailure(operation, "AuthFail", message)
    }

    private func caller(_ input: OperationInput, password: String) -> DemoCaller? {
        if let login = input.text("UserLogin") { return caller(login: login, isCustomer: false, password: password) }
        if let login = input.text("CustomerUserLogin") {
            return caller(login: login, isCustomer: true, password: password)
        }
        return nil
    }
}
