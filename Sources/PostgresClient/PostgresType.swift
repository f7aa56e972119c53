/// A type of PostgreSQL by its object id. The ids of built-in types are fixed (`pg_type.dat` of PostgreSQL).
public struct PostgresType: Sendable, Hashable {
    /// The type's object id.
    public let oid: UInt32
    /// The object id of the array over the type; 0 if there is none.
    public let arrayOID: UInt32
    /// What messages call the type.
    public let name: String

    init(oid: UInt32, arrayOID: UInt32, name: String) {
        self.oid = oid
        self.arrayOID = arrayOID
        self.name = name
    }

    /// The array over the type.
    public var array: PostgresType {
        PostgresType(oid: arrayOID, arrayOID: 0, name: name + "[]")
    }
}

extension PostgresType {
    /// `boolean`
    public static let bool = PostgresType(oid: 16, arrayOID: 1000, name: "boolean")
    /// `bytea`
    public static let bytea = PostgresType(oid: 17, arrayOID: 1001, name: "bytea")
    /// `name`
    public static let name = PostgresType(oid: 19, arrayOID: 1003, name: "name")
    /// `bigint`
    public static let int8 = PostgresType(oid: 20, arrayOID: 1016, name: "bigint")
    /// `smallint`
    public static let int2 = PostgresType(oid: 21, arrayOID: 1005, name: "smallint")
    /// `integer`
    public static let int4 = PostgresType(oid: 23, arrayOID: 1007, name: "integer")
    /// `text`
    public static let text = PostgresType(oid: 25, arrayOID: 1009, name: "text")
    /// `json`
    public static let json = PostgresType(oid: 114, arrayOID: 199, name: "json")
    /// `real`
    public static let float4 = PostgresType(oid: 700, arrayOID: 1021, name: "real")
    /// `double precision`
    public static let float8 = PostgresType(oid: 701, arrayOID: 1022, name: "double precision")
    /// `character`
    public static let bpchar = PostgresType(oid: 1042, arrayOID: 1014, name: "character")
    /// `character varying`
    public static let varchar = PostgresType(oid: 1043, arrayOID: 1015, name: "character varying")
    /// `timestamp with time zone`
    public static let timestamptz = PostgresType(oid: 1184, arrayOID: 1185, name: "timestamp with time zone")
    /// `uuid`
    public static let uuid = PostgresType(oid: 2950, arrayOID: 2951, name: "uuid")
    /// `jsonb`
    public static let jsonb = PostgresType(oid: 3802, arrayOID: 3807, name: "jsonb")

    private static let known: [UInt32: PostgresType] = {
        let types: [PostgresType] = [
            .bool, .bytea, .name, .int8, .int2, .int4, .text, .json, .float4, .float8, .bpchar, .varchar, .timestamptz,
            .uuid,
            .jsonb,
            PostgresType(oid: 18, arrayOID: 1002, name: "\"char\""),
            PostgresType(oid: 705, arrayOID: 0, name: "unknown"),
            PostgresType(oid: 1082, arrayOID: 1182, name: "date"),
            PostgresType(oid: 1114, arrayOID: 1115, name: "timestamp without time zone"),
            PostgresType(oid: 1186, arrayOID: 1187, name: "interval"),
            PostgresType(oid: 1700, arrayOID: 1231, name: "numeric"),
            PostgresType(oid: 2278, arrayOID: 0, name: "void"),
        ]
        var table: [UInt32: PostgresType] = [:]
        for type in types {
            table[type.oid] = type
            if type.arrayOID != 0 { table[type.arrayOID] = type.array }
        }
        return table
    }()

    /// The name of a built-in type, else its number.
    static func name(ofOID oid: UInt32) -> String {
        known[oid]?.name ?? "type \(oid)"
    }

    /// Types that an extension or a schema has made, such as enumerations and `citext`, begin here
    /// (`FirstNormalObjectId` of PostgreSQL).
    static let firstUserDefinedOID: UInt32 = 16384
}
