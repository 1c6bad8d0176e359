/** The few shapes of a statement a node uses, and the count of what they read and write. */
export class Sql {
  readonly #sql: SqlStorage;
  /** Rows read and written so far in this life, as they are billed. */
  rowsRead = 0;
  rowsWritten = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  get byteCount(): number {
    return this.#sql.databaseSize;
  }

  /** SQLite's own count of rows changed in this life, to check ours by. */
  get changeCount(): number {
    return this.#sql.exec<{ n: number }>("SELECT total_changes() AS n").one().n;
  }

  /** Runs a statement that returns no rows; returns how many it wrote. */
  change(text: string, ...parameters: SqlParameter[]): number {
    const { rowsRead, rowsWritten } = this.#sql.exec(text, ...parameters);
    this.rowsRead += rowsRead;
    this.rowsWritten += rowsWritten;
    return rowsWritten;
  }

  /** All rows, as tuples. Never a cursor: one left open would keep its statement and its read lock. */
  rows<T extends SqlStorageValue[]>(text: string, ...parameters: SqlParameter[]): T[] {
    const cursor = this.#sql.exec(text, ...parameters);
    const rows = [...cursor.raw<T>()];
    this.rowsRead += cursor.rowsRead;
    return rows;
  }
}

export type SqlParameter = string | number | Uint8Array | null;
