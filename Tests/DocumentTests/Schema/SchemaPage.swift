import Foundation
import TestSupport

/// `docs/schema.md`: the tables and views of a migrated database, for people.
struct SchemaPage {
    /// A table or a view.
    private struct Relation: Decodable {
        let name: String
        let isView: Bool
        let comment: String?
        /// How a table is divided into partitions.
        let partitions: String?
        let columns: [Column]
        let rules: [String]
        let indexes: [String]
    }

    private struct Column: Decodable {
        let name: String
        let type: String
        let mayBeNull: Bool
        let value: String?
        let comment: String?
    }

    /// The text of the page.
    let text: String

    init(of database: TestDatabase) async throws {
        let answer = try await database.psql(Self.statement)
        let relations = try JSONDecoder().decode([Relation].self, from: Data(answer.utf8))
        let tables = relations.filter { !$0.isView }
        let views = relations.filter(\.isView)
        var page = Self.beginning
        page += "## Tables\n\n" + tables.map(Self.table).joined(separator: "\n")
        page += "\n## Views\n\n" + views.map(Self.view).joined(separator: "\n")
        text = page
    }

    private static let beginning = """
        # Schema

        The tables and views of the schema `otalink`, as the newest migration leaves them. `make schema` makes this page and
        [schema.sql](schema.sql), the same as statements, from a migrated database, and a test compares both.
        [Looking inside with psql](inspection.md) shows the questions that they answer.


        """

    private static func table(_ table: Relation) -> String {
        var text = "### \(table.name)\n\n\(table.comment ?? "")\n\n"
        if let partitions = table.partitions {
            text += "The table is divided into partitions by `\(partitions)`.\n\n"
        }
        text += "| column | type | default | meaning |\n|---|---|---|---|\n"
        for column in table.columns {
            let type = column.type + (column.mayBeNull ? ", or null" : "")
            let value = column.value.map { "`\(cell($0))`" } ?? ""
            text += "| `\(column.name)` | \(type) | \(value) | \(cell(column.comment ?? "")) |\n"
        }
        let details = table.rules.map { "- `\($0)`\n" } + table.indexes.map { "- index `\($0)`\n" }
        if !details.isEmpty { text += "\n" + details.joined() }
        return text
    }

    private static func view(_ view: Relation) -> String {
        let columns = view.columns.map { "`\($0.name)`" }.joined(separator: ", ")
        return "### \(view.name)\n\n\(view.comment ?? "")\n\nColumns: \(columns).\n"
    }

    /// A bar would begin the next cell.
    private static func cell(_ text: String) -> String {
        text.replacing("|", with: "\\|").replacing("\n", with: " ")
    }

    private static let statement = #"""
        SET search_path = 'otalink';

        WITH relation AS (
            SELECT c.oid, c.relname, c.relkind
              FROM pg_class AS c
             WHERE c.relnamespace = 'otalink'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
        )
        SELECT json_agg(
            json_build_object(
                'name', relname, 'isView', relkind = 'v', 'comment', obj_description(oid, 'pg_class'),
                'partitions', CASE WHEN relkind = 'p' THEN pg_get_partkeydef(oid) END,
                'columns', (
                    SELECT json_agg(
                        json_build_object(
                            'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'mayBeNull', NOT a.attnotnull,
                            'value', CASE WHEN a.attidentity <> '' THEN 'the next number' ELSE pg_get_expr(d.adbin, d.adrelid) END,
                            'comment', col_description(a.attrelid, a.attnum))
                        ORDER BY a.attnum)
                      FROM pg_attribute AS a
                      LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                     WHERE a.attrelid = relation.oid AND a.attnum > 0 AND NOT a.attisdropped),
                'rules', ARRAY(
                    SELECT pg_get_constraintdef(k.oid)
                      FROM pg_constraint AS k
                     WHERE k.conrelid = relation.oid AND k.contype IN ('p', 'u', 'c', 'x', 'f')
                     ORDER BY position(k.contype::text IN 'pucxf'), k.conname COLLATE "C"),
                'indexes', ARRAY(
                    SELECT regexp_replace(pg_get_indexdef(indexrelid), '^CREATE (UNIQUE )?INDEX (\S+) ON (ONLY )?\S+ USING btree ', '\2 \1')
                      FROM pg_index
                      JOIN pg_class AS i ON i.oid = indexrelid
                     WHERE indrelid = relation.oid
                       AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))
                     ORDER BY i.relname COLLATE "C"))
            ORDER BY relname COLLATE "C")
          FROM relation;
        """#
}
