/**
 * What the nodes' durable logs say, put side by side: one tree of histories, each byte of which was written
 * once, by the master of that history. Whoever holds other bytes, or more of them, has diverged.
 */
import type { History } from "../../../shared/replication/position.ts";

interface Branch {
  readonly id: string;
  readonly parent: Branch | undefined;
  /** Where its own bytes begin. */
  readonly from: number;
  bytes: Uint8Array;
  end: number;
}

export class Histories {
  readonly #branches = new Map<string, Branch>();

  /** What a node has made durable: bytes at `offset`, up to which it has been looked at before. */
  record(
    history: History,
    log: { offset: number; bytes: Uint8Array },
    { isMaster, mayWrite }: { isMaster: boolean; mayWrite: boolean },
  ): void {
    const branch = this.#branch(history);
    const logEnd = log.offset + log.bytes.length;
    const known = Math.max(0, Math.min(logEnd, branch.end) - log.offset);
    this.#compare(branch, log.offset, log.bytes.subarray(0, known));
    if (logEnd > branch.end) {
      if (!mayWrite) throw new Error(`a replica is at ${logEnd}, its master at ${branch.end}`);
      if (log.offset > branch.end) throw new Error(`bytes ${branch.end}-${log.offset} are unknown`);
      append(branch, log.bytes.subarray(known));
    }
    if (isMaster && logEnd < branch.end) {
      throw new Error(`the master is at ${logEnd}, and was at ${branch.end}`);
    }
  }

  knows(id: string): boolean {
    return this.#branches.has(id);
  }

  endOf(id: string): number {
    return this.#branches.get(id)?.end ?? 0;
  }

  /** Whether everything before `offset` of history `id` stands at the same place in `position`. */
  includes(
    position: { id: string; offset: number },
    { id, offset }: { id: string; offset: number },
  ) {
    let reach = position.offset;
    let branch = this.#branches.get(position.id);
    while (branch !== undefined && branch.id !== id) {
      reach = Math.min(reach, branch.from);
      branch = branch.parent;
    }
    return branch !== undefined && reach >= offset;
  }

  /** Whether a text stands in a history's bytes from an offset on, its parents included. */
  hasText(id: string, from: number, text: string): boolean {
    const needle = Buffer.from(text, "latin1");
    let branch = this.#branches.get(id);
    while (branch !== undefined) {
      const { bytes, end } = branch;
      const own = Buffer.from(bytes.buffer, bytes.byteOffset, end - branch.from);
      if (own.indexOf(needle, Math.max(0, from - branch.from - 64)) >= 0) return true;
      if (from >= branch.from) return false;
      branch = branch.parent;
    }
    return false;
  }

  /** All bytes of a history from its beginning, its parents' included. */
  wholeLog(id: string): Uint8Array {
    const parts: Uint8Array[] = [];
    let until = this.endOf(id);
    let branch = this.#branches.get(id);
    while (branch !== undefined) {
      parts.unshift(branch.bytes.subarray(0, Math.max(0, until - branch.from)));
      until = Math.min(until, branch.from);
      branch = branch.parent;
    }
    return Buffer.concat(parts);
  }

  #branch({ id, previousId, previousUntil }: History): Branch {
    const known = this.#branches.get(id);
    if (known !== undefined) return known;
    let parent: Branch | undefined;
    if (previousUntil >= 0) {
      parent = this.#branches.get(previousId);
      const end = parent?.end ?? 0;
      if (previousUntil > end) {
        throw new Error(`history ${id} grows out of offset ${previousUntil}, durable until ${end}`);
      }
    }
    const from = Math.max(0, previousUntil);
    const branch = { id, parent, from, bytes: new Uint8Array(256), end: from };
    this.#branches.set(id, branch);
    return branch;
  }

  #compare(branch: Branch, offset: number, bytes: Uint8Array): void {
    let rest = bytes;
    let at: Branch | undefined = branch;
    while (at !== undefined && rest.length > 0) {
      const own = Math.max(0, offset + rest.length - Math.max(offset, at.from));
      const mine = rest.subarray(rest.length - own);
      const from = offset + rest.length - own - at.from;
      const theirs = at.bytes.subarray(from, from + own);
      if (Buffer.compare(mine, theirs) !== 0) {
        const first = mine.findIndex((byte, i) => byte !== theirs[i]);
        const show = (part: Uint8Array) =>
          JSON.stringify(
            Buffer.from(part.subarray(Math.max(0, first - 40), first + 60)).toString("latin1"),
          );
        throw new Error(
          `history ${at.id} differs at ${at.from + from + first}: ${show(mine)} here, ${show(theirs)} there`,
        );
      }
      rest = rest.subarray(0, rest.length - own);
      at = at.parent;
    }
  }
}

function append(branch: Branch, bytes: Uint8Array): void {
  const length = branch.end - branch.from;
  if (length + bytes.length > branch.bytes.length) {
    const grown = new Uint8Array(2 * (length + bytes.length));
    grown.set(branch.bytes.subarray(0, length));
    branch.bytes = grown;
  }
  branch.bytes.set(bytes, length);
  branch.end += bytes.length;
}
