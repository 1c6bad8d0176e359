/** ACL LOG: what was denied lately. Denials of one kind within a minute are one entry. */
import { detach } from "../../base/bytes.ts";

export interface Denied {
  readonly reason: "command" | "key" | "channel" | "auth";
  readonly context: "toplevel" | "multi" | "lua";
  /** The command, key or channel; the command that failed to log in. */
  readonly object: string;
  readonly user: string;
  readonly atMs: number;
  /** The client as CLIENT LIST shows it. */
  readonly client: string;
}

export interface AclLogEntry extends Denied {
  readonly count: number;
}

const TOGETHER_MS = 60_000;
/** Among so many entries one of the same kind is looked for. */
const LOOK_AT = 10;
/** Whatever acllog-max-len says. */
const ENTRIES_MAX = 10_000;
/** Of names and keys, which may be as long as anything: strangers write here. */
const TEXT_BYTES_MAX = 1024;

export class AclLog {
  /** Newest first. */
  #entries: AclLogEntry[] = [];

  get entries(): readonly AclLogEntry[] {
    return this.#entries;
  }

  add(denied: Denied, lengthMax: number): void {
    const object = detach(denied.object.slice(0, TEXT_BYTES_MAX));
    const user = detach(denied.user.slice(0, TEXT_BYTES_MAX));
    const fresh = { ...denied, object, user, count: 1 };
    const at = this.#entries.slice(0, LOOK_AT).findIndex((entry) => isSameKind(entry, fresh));
    if (at < 0) {
      this.#entries.unshift(fresh);
      this.#entries.length = Math.min(this.#entries.length, lengthMax, ENTRIES_MAX);
      return;
    }
    const [known] = this.#entries.splice(at, 1);
    this.#entries.unshift({ ...fresh, count: known!.count + 1 });
  }

  reset(): void {
    this.#entries = [];
  }
}

function isSameKind(a: AclLogEntry, b: AclLogEntry): boolean {
  return (
    a.reason === b.reason &&
    a.context === b.context &&
    Math.abs(a.atMs - b.atMs) <= TOGETHER_MS &&
    a.object === b.object &&
    a.user === b.user
  );
}
