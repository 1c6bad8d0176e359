/** What a deployment pays for, counted where it happens: INFO billing (docs/performance.md has the prices). */
import type { InfoSection } from "../../shared/engine/info.ts";
import type { Sql } from "./sql.ts";

/** So many incoming WebSocket messages are billed as one request. */
const MESSAGES_A_REQUEST = 20;

export class Billing {
  /** HTTP requests, calls, and WebSockets accepted, since the node is in memory. */
  calls = 0;
  /** Incoming WebSocket messages; those that leave cost nothing. */
  messages = 0;
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /**
   * Of this life: all starts from zero when the node restarts or wakes. Neither the Worker's requests nor the
   * time that the node is awake can be seen from here.
   */
  get section(): InfoSection {
    return {
      name: "Billing",
      fields: [
        ["billed_calls", () => this.calls],
        ["billed_websocket_messages", () => this.messages],
        ["billed_requests", () => this.calls + Math.ceil(this.messages / MESSAGES_A_REQUEST)],
        ["billed_rows_read", () => this.#sql.rowsRead],
        ["billed_rows_written", () => this.#sql.rowsWritten],
        ["sqlite_changes", () => this.#sql.changeCount],
      ],
    };
  }
}
