/** INFO replication, with Redis's fields in Redis's order. */
import type { InfoSection } from "../engine/info.ts";
import { shownAddress } from "./address.ts";
import { type Follower, followerAddress } from "./followers.ts";
import type { NodeCore } from "./node-core.ts";
import { NO_HISTORY } from "./position.ts";

type Field = readonly [name: string, value: string | number];

export function replicationInfo(core: NodeCore): InfoSection {
  return {
    name: "Replication",
    fields: [
      () => [
        ...(core.role.kind === "replica" ? replicaFields(core) : [["role", "master"] as Field]),
        ...followerFields(core),
        ...historyFields(core),
      ],
    ],
  };
}

/** The counters of INFO's Stats that are replication's. */
export function replicationStats(core: NodeCore): InfoSection {
  return {
    name: "Stats",
    fields: [
      ["sync_full", () => core.syncs.full],
      ["sync_partial_ok", () => core.syncs.partialOk],
      ["sync_partial_err", () => core.syncs.partialErr],
    ],
  };
}

function replicaFields(core: NodeCore): Field[] {
  const { link, engine, role } = core;
  if (role.kind !== "replica") return [];
  const { host, port } = shownAddress(role.master, core.options.ports);
  const sinceSeconds = (ms: number): number => Math.max(0, Math.floor((engine.nowMs - ms) / 1000));
  const fields: Field[] = [
    ["role", "slave"],
    ["master_host", host],
    ["master_port", port],
    ["master_link_status", link.isUp ? "up" : "down"],
    ["master_last_io_seconds_ago", link.isUp ? sinceSeconds(link.seenAtMs) : -1],
    ["master_sync_in_progress", link.loading === undefined ? 0 : 1],
    ["slave_read_repl_offset", link.receivedOffset],
    ["slave_repl_offset", core.log.end],
  ];
  if (link.loading !== undefined) {
    // The size of a snapshot that is written as it is sent is not known, as with Redis's diskless sync.
    fields.push(
      ["master_sync_total_bytes", 0],
      ["master_sync_read_bytes", link.loading.byteCount],
      ["master_sync_left_bytes", 0],
      ["master_sync_perc", "0.00"],
      ["master_sync_last_io_seconds_ago", sinceSeconds(link.seenAtMs)],
    );
  }
  if (!link.isUp) {
    const since = link.downSinceMs;
    fields.push(["master_link_down_since_seconds", since === undefined ? -1 : sinceSeconds(since)]);
    if (link.failure !== undefined) fields.push(["master_link_down_reason", link.failure]);
  }
  fields.push(
    ["slave_priority", engine.config.number("replica-priority")],
    ["slave_read_only", engine.config.flag("replica-read-only") ? 1 : 0],
    ["replica_announced", engine.config.flag("replica-announced") ? 1 : 0],
  );
  return fields;
}

function followerFields(core: NodeCore): Field[] {
  const { followers, engine } = core;
  const fields: Field[] = [["connected_slaves", followers.count]];
  const isGated =
    engine.config.number("min-replicas-to-write") > 0 &&
    engine.config.number("min-replicas-max-lag") > 0;
  if (isGated) fields.push(["min_slaves_good_slaves", core.goodFollowerCount]);
  followers.all.forEach((follower, i) => fields.push([`slave${i}`, followerLine(core, follower)]));
  return fields;
}

function followerLine(core: NodeCore, follower: Follower): string {
  const { connection, state, ackOffset, ackAtMs } = follower;
  const { ip, port } = followerAddress(connection);
  const seenAtMs = Math.max(ackAtMs, connection.seenAtMs);
  const lag = state === "online" ? Math.floor((core.engine.nowMs - seenAtMs) / 1000) : 0;
  return `ip=${ip},port=${port},state=${state},offset=${ackOffset},lag=${lag}`;
}

function historyFields({ history, log, engine }: NodeCore): Field[] {
  const { id, previousId, previousUntil } = history;
  return [
    ["master_failover_state", "no-failover"],
    ["master_replid", id],
    ["master_replid2", previousId],
    ["master_repl_offset", log.end],
    ["second_repl_offset", previousId === NO_HISTORY ? -1 : previousUntil + 1],
    ["repl_backlog_active", 1],
    ["repl_backlog_size", engine.config.number("repl-backlog-size")],
    ["repl_backlog_first_byte_offset", log.start + 1],
    ["repl_backlog_histlen", log.end - log.start],
  ];
}
