/**
 * What the core of a node asks of the place it runs in: sockets, a clock to be woken by, and a say in
 * when a group ends. `workers/node` implements it on the platform, the simulation on a fake one. Events
 * come in by the methods of NodeCore; nothing here calls back before it returns.
 */
import type { LuaModules } from "../lua/machine.ts";
import type { Random } from "../base/random.ts";
import type { Store } from "../engine/store.ts";
import type { Address } from "./address.ts";
import type { Connection } from "./connection.ts";

export interface Host {
  readonly store: Store;
  readonly random: Random;
  /** Sends bytes in order; what the store was told before is durable when they leave. */
  send(connection: Connection, bytes: Uint8Array): void;
  /** Ends a connection, after what was sent. The core hears no `closed` for it. */
  close(connection: Connection): void;
  /** Asks a peer for a sign of life that does not wake it; `alive` follows if there is one. */
  probe(connection: Connection): void;
  /** Opens a connection to a master: `dialled` or `dialFailed` with the same attempt will follow. */
  dial(address: Address, attempt: number): void;
  /** Fetches a snapshot's frames: `snapshotBytes`… then `snapshotEnded`, with the same attempt. */
  fetchSnapshot(address: Address, request: SnapshotRequest): void;
  /** `commit` must be called once all events that are ready now have been delivered. */
  scheduleCommit(): void;
  /** `tick` must be called at this time (Unix ms) or soon after; of several wishes the earliest counts. */
  wakeAt(atMs: number): void;
  /** The Lua interpreter's modules. */
  lua(): LuaModules;
  /** Microseconds from some start, for SLOWLOG. */
  clockUs(): number;
  /** One structured line for the operator. Never holds a secret or a key. */
  log(event: string, fields: Readonly<Record<string, string | number | boolean>>): void;
}

export interface SnapshotRequest {
  readonly attempt: number;
  readonly pin: string;
  readonly cursor: string;
  /** Credentials for another deployment. */
  readonly user: string;
  readonly password: string;
}
