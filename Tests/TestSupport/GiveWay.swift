/// Lets other tasks go on while a test asks again and again. Throws when the time limit of the suite has ended the test, which otherwise would
/// ask for ever.
public func giveWay() async throws {
    try Task.checkCancellation()
    await Task.yield()
}
