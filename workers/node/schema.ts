/** The tables of a node, and the way from every older shape of them to this one. */
import { assert } from "../../shared/base/assert.ts";

/**
 * One entry a version, oldest first; what has been released is never changed, only added to.
 *
 * Keys and rows stand `WITHOUT ROWID`: one billed row instead of two. `value` has no type, so that short
 * values can be TEXT and long ones BLOB (sqlite-store.ts says why).
 */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`,
    `CREATE TABLE log_head (
       id INTEGER PRIMARY KEY CHECK (id = 1), generation INTEGER NOT NULL, start INTEGER NOT NULL)`,
    `INSERT INTO log_head (id, generation, start) VALUES (1, 1, 0)`,
    `CREATE TABLE log (
       slot INTEGER PRIMARY KEY, generation INTEGER NOT NULL, offset INTEGER NOT NULL,
       bytes BLOB NOT NULL)`,
    keyTable("base"),
    keyTable("overlay"),
  ],
  // Rows of a checkpoint on their way to the base (shared/engine/staging.ts).
  [`CREATE TABLE staged (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)`],
  // Long values beside their rows, which have their number (sqlite-rows.ts says why).
  [
    `CREATE TABLE long_values (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)`,
    ...longValuesGo("base", ""),
    // What was merged into the base is the base's from then on.
    ...longValuesGo(
      "overlay",
      `AND NOT EXISTS (SELECT 1 FROM base WHERE value = OLD.value AND
         (space, hash, name, piece) = (OLD.space, OLD.hash, OLD.name, OLD.piece))`,
    ),
  ],
  // Rows of a snapshot that is loaded, sorted in runs (shared/replication/loading.ts).
  [`CREATE TABLE chunk (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)`],
];

function keyTable(name: string): string {
  return `CREATE TABLE ${name} (
    space INTEGER NOT NULL, hash INTEGER NOT NULL, name TEXT NOT NULL, piece INTEGER NOT NULL,
    type INTEGER NOT NULL, expires INTEGER NOT NULL, pieces INTEGER NOT NULL, value,
    PRIMARY KEY (space, hash, name, piece)) WITHOUT ROWID`;
}

/** With its row a long value goes, or when the row gets another one. */
function longValuesGo(table: string, unless: string): string[] {
  const forget = `BEGIN DELETE FROM long_values WHERE id = OLD.value; END`;
  return [
    `CREATE TRIGGER ${table}_removed AFTER DELETE ON ${table}
       WHEN typeof(OLD.value) = 'integer' ${unless} ${forget}`,
    `CREATE TRIGGER ${table}_replaced AFTER UPDATE OF value ON ${table}
       WHEN typeof(OLD.value) = 'integer' AND NEW.value IS NOT OLD.value ${forget}`,
  ];
}

/** Brings the tables up to date; costs one query when they are. A newer shape than ours is refused. */
export function migrate(storage: DurableObjectStorage): void {
  const { sql } = storage;
  storage.transactionSync(() => {
    // `PRAGMA user_version` is refused in Durable Objects, so the version has a table of its own.
    sql.exec(
      `CREATE TABLE IF NOT EXISTS schema_version (
         id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL)`,
    );
    const [row] = sql.exec<{ version: number }>(`SELECT version FROM schema_version`).toArray();
    const version = row?.version ?? 0;
    assert(version <= MIGRATIONS.length, `the store has version ${version}, newer than this code`);
    if (version === MIGRATIONS.length) return;
    for (const step of MIGRATIONS.slice(version)) for (const text of step) sql.exec(text);
    sql.exec(`INSERT OR REPLACE INTO schema_version VALUES (1, ?)`, MIGRATIONS.length);
  });
}
