/** The states of a link, the moves between them, and what a link asks of its node. */
import type { Address } from "./address.ts";
import type { Connection } from "./connection.ts";
import type { Introduction, Step } from "./handshake.ts";
import type { Host } from "./host.ts";
import type { Loading } from "./loading.ts";
import type { Position } from "./position.ts";

export type LinkState =
  | { readonly at: "down"; readonly why: string; readonly retryAtMs: number }
  | { readonly at: "dialling" }
  | { readonly at: "greeting"; readonly steps: readonly Step[] }
  | { readonly at: "asking" }
  | { readonly at: "loading"; readonly by: "inline" | "fetch"; readonly into: Target }
  | { readonly at: "streaming"; readonly epoch: number | undefined };

/** What a snapshot that is being loaded is a snapshot of. */
export type Target = Position & { readonly epoch: number };

/** What may follow what. */
export const MOVES = {
  down: ["down", "dialling"],
  dialling: ["greeting", "down"],
  greeting: ["greeting", "asking", "down"],
  asking: ["loading", "streaming", "down"],
  loading: ["loading", "asking", "streaming", "down"],
  streaming: ["streaming", "down"],
} as const satisfies Record<LinkState["at"], readonly LinkState["at"][]>;

/** The states as ROLE names them. */
export const ROLE_NAMES = {
  down: "connect",
  dialling: "connecting",
  greeting: "handshake",
  asking: "handshake",
  loading: "sync",
  streaming: "connected",
} as const satisfies Record<LinkState["at"], string>;

/** What the link asks of its node. */
export interface LinkPorts {
  readonly host: Host;
  nowMs(): number;
  number(setting: string): number;
  /** What to say of ourselves to this master. */
  introduction(address: Address): Introduction;
  position(): Position;
  /** Makes what was applied so far durable. */
  settle(): void;
  /** How far the log is durable; `position` counts the open group as well. */
  durableOffset(): number;
  /** Lowest epoch we still follow; a master of an older election has been deposed. */
  epochMin(): number;
  /** The master lets us go on; `id` is its history's id now. */
  continued(id: string | undefined, epoch: number | undefined): void;
  startLoading(): Loading;
  loaded(loading: Loading, at: Target): void;
  /** Drops a loading that will not be finished. */
  abandoned(loading: Loading): void;
  /** Applies bytes of the stream and appends them to the log; throws ApplyError. */
  apply(bytes: string): void;
  /** What came waits for a value or for a checkpoint, and more would only gather. */
  isWaiting(): boolean;
  /** Ends our connection to the master. */
  hangUp(connection: Connection): void;
  /** Goes back to the store: what was applied of the open group is forgotten. */
  rollback(): void;
}
