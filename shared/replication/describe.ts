/** What a node says of itself to /v1/topology, /health and /metrics: no keys, no secrets. */
import { shownAddress } from "./address.ts";
import { followerAddress } from "./followers.ts";
import { ROLE_NAMES } from "./link-state.ts";
import type { NodeCore } from "./node-core.ts";

export interface NodeDescription {
  readonly name: string;
  readonly role: "master" | "replica";
  /** The history and how far this node is in it. */
  readonly history: string;
  readonly offset: number;
  readonly epoch: number;
  readonly port: number;
  /** A replica's: whom it follows and how the link is (ROLE's words). */
  readonly master: { readonly host: string; readonly port: number } | undefined;
  readonly link: string | undefined;
  readonly followers: readonly FollowerDescription[];
}

interface FollowerDescription {
  readonly ip: string;
  readonly port: number;
  readonly state: string;
  readonly offset: number;
}

export function describeNode(core: NodeCore): NodeDescription {
  const { role, history, options } = core;
  const isReplica = role.kind === "replica";
  return {
    name: options.name,
    role: role.kind,
    history: history.id,
    offset: core.log.end,
    epoch: history.epoch,
    port: core.ownPort,
    master: isReplica ? shownAddress(role.master, options.ports) : undefined,
    link: isReplica ? ROLE_NAMES[core.link.state.at] : undefined,
    followers: core.followers.all.map(({ connection, state, ackOffset }) => ({
      ...followerAddress(connection),
      state,
      offset: ackOffset,
    })),
  };
}
