/** Tells the record of histories what one life of a node appends to its log, once it is durable. */
import type { NodeCore } from "../../../shared/replication/node-core.ts";
import type { SimNode } from "./sim-node.ts";

export class LogWatch {
  readonly #node: SimNode;
  /** Appended and not yet durable. Noted here, as it may be trimmed before it is. */
  #appended: Uint8Array[] = [];
  /** Was master at some time since the last sync: what it appended may be its own. */
  #hasWritten = false;
  /** Which history's log has been compared, up to what is appended. */
  #compared = "";

  constructor(node: SimNode) {
    this.#node = node;
    const { store } = node;
    const append = store.appendLog.bind(store);
    const reset = store.resetLog.bind(store);
    store.appendLog = (bytes) => {
      // A copy: of a Buffer `slice` makes none.
      this.#appended.push(Uint8Array.from(bytes));
      append(bytes);
    };
    store.resetLog = (offset) => {
      this.#appended = [];
      node.logResetAt = offset;
      reset(offset);
    };
  }

  beforeEvent({ role }: NodeCore): void {
    if (role.kind === "master") this.#hasWritten = true;
  }

  /** Everything so far is durable. */
  synced(core: NodeCore): void {
    const { store, world, durable } = this.#node;
    const { history } = core;
    const { logStart, logEnd } = store;
    const bytes = Buffer.concat(this.#appended);
    this.#appended = [];
    const isMaster = core.role.kind === "master";
    const by = { isMaster, mayWrite: isMaster || this.#hasWritten };
    this.#hasWritten = isMaster || core.log.hasPending;
    const isKnown = this.#compared === history.id;
    // Of a history that is new here, all that is held is compared, and what is trimmed already as well.
    if (isKnown || (by.mayWrite && bytes.length > logEnd - logStart)) {
      world.histories.record(history, { offset: logEnd - bytes.length, bytes }, by);
    }
    if (!isKnown) {
      const held = store.readLog(logStart, Math.max(1, logEnd - logStart));
      world.histories.record(history, { offset: logStart, bytes: held }, by);
    }
    this.#compared = history.id;
    const position = { id: history.id, offset: logEnd };
    this.#node.stations.push({ sinceMs: world.agenda.nowMs, position });
    durable.set(history.id, Math.max(durable.get(history.id) ?? 0, logEnd));
  }
}
