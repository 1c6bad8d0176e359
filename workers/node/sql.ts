/** The few shapes of a statement the store uses, and the count of what they write. */
export class Sql {
  readonly #sql: SqlStorage;
  /** Rows written so far in this life, as they are billed. */
  rowsWritten = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  get byteCount(): number {
    return this.#sql.databaseSize;
  }

  /** Runs a statement that returns no rows; returns how many it wrote. */
  change(text: string, ...parameters: SqlParameter[]): number {
    const { rowsWritten } = this.#sql.exec(text, ...parameters);
    this.rowsWritten += rowsWritten;
    return rowsWritten;
  }

  /** All rows, as tuples. Never a cursor: one left open would keep its statement and its read lock. */
  rows<T extends SqlStorageValue[]>(text: string, ...parameters: SqlParameter[]): T[] {
    return [...this.#sql.exec(text, ...parameters).raw<T>()];
  }
}

export type SqlParameter = string | number | Uint8Array | null;
