import DemoDesk

/// Which keys a JSON value has, and of which types their values are.
///
/// The elements of an array count together: an article's types do not depend on how many articles there are. Members that
/// the stand-in leaves out on purpose are listed here, with the reason.
struct Shape {
    private let types: [String: Set<String>]

    init(_ value: DeskJSON) {
        var types: [String: Set<String>] = [:]
        Self.collect(value, at: "", into: &types)
        self.types = types
    }

    /// The paths at which the shapes differ, with both types.
    func difference(from recorded: Shape) -> [String] {
        Set(types.keys).union(recorded.types.keys).sorted().compactMap { path in
            let mine = types[path] ?? ["missing"]
            let other = recorded.types[path] ?? ["missing"]
            guard !mine.isSubset(of: other) || (mine.isEmpty != other.isEmpty), !Self.leftOut.contains(path) else {
                return nil
            }
            return "\(path): \(mine.sorted()) instead of \(other.sorted())"
        }
    }

    private static let leftOut: Set<String> = [
        // The stand-in does not tell when an agent answered first.
        ".Ticket[].FirstResponse"
    ]

    private static func collect(_ value: DeskJSON, at path: String, into types: inout [String: Set<String>]) {
        switch value {
        case .null: types[path, default: []].insert("null")
        case .bool: types[path, default: []].insert("bool")
        case .integer, .number: types[path, default: []].insert("number")
        case .text: types[path, default: []].insert("text")
        case .array(let elements):
            types[path, default: []].insert("array")
            for element in elements { collect(element, at: path + "[]", into: &types) }
        case .object(let members):
            types[path, default: []].insert("object")
            for (name, member) in members { collect(member, at: "\(path).\(name)", into: &types) }
        }
    }
}
