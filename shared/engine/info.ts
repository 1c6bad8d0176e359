/**
 * INFO: sections and fields, in Redis's order and with its names (https://redis.io/commands/info).
 * Every value is read from real state; what we cannot know (memory of the process, CPU time) is
 * left out.
 */
import type { Engine } from "./engine.ts";
import { DATABASE_COUNT } from "./keyspace.ts";
import type { Space } from "./space.ts";
import { ANTIPODE_VERSION, REDIS_VERSION } from "./version.ts";

export type InfoValue = string | number;

/** A field, left out while its value is undefined. */
export type InfoField = readonly [name: string, read: (engine: Engine) => InfoValue | undefined];

/** Fields whose names depend on the state (`db0`, `slave0`, `cmdstat_get`). */
export type InfoRows = (engine: Engine) => readonly (readonly [name: string, value: InfoValue])[];

/** Sections of one name are shown as one: replication adds its counters to Stats that way. */
export interface InfoSection {
  readonly name: string;
  readonly fields: readonly (InfoField | InfoRows)[] | InfoRows;
}

/** Where each section stands. Those marked are shown for `all`, `everything` and by name only. */
const ORDER = [
  { name: "Server" },
  { name: "Clients" },
  { name: "Memory" },
  { name: "Persistence" },
  { name: "Stats" },
  { name: "Replication" },
  { name: "CPU" },
  { name: "Modules" },
  { name: "Commandstats", isOnRequest: true },
  { name: "Errorstats" },
  { name: "Latencystats", isOnRequest: true },
  { name: "Cluster" },
  { name: "Keyspace" },
] as const;

const ON_REQUEST: ReadonlySet<string> = new Set(
  ORDER.flatMap((section) => ("isOnRequest" in section ? [section.name] : [])),
);

const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

const countSessions = (engine: Engine, isCounted: (s: SessionOf) => boolean): number =>
  [...engine.sessions.values()].filter(isCounted).length;

type SessionOf = Engine["sessions"] extends Map<number, infer S> ? S : never;

const seconds = (ms: number): number => Math.floor(ms / 1000);

/** A fact that only the platform knows, under its own name. */
const platform = (name: string): InfoField => [name, (engine) => engine.ports.platform[name]];

const SERVER: InfoSection = {
  name: "Server",
  fields: [
    ["redis_version", () => REDIS_VERSION],
    ["antipode_version", () => ANTIPODE_VERSION],
    ["redis_mode", () => "standalone"],
    platform("os"),
    platform("arch_bits"),
    platform("multiplexing_api"),
    platform("process_id"),
    ["run_id", (engine) => engine.runId],
    platform("tcp_port"),
    ["server_time_usec", (engine) => engine.nowMs * 1000],
    ["uptime_in_seconds", (engine) => seconds(engine.nowMs - engine.startedAtMs)],
    ["uptime_in_days", (engine) => Math.floor((engine.nowMs - engine.startedAtMs) / 86_400_000)],
    ["hz", (engine) => engine.config.number("hz")],
    ["configured_hz", (engine) => engine.config.number("hz")],
    ["lru_clock", (engine) => seconds(engine.nowMs) & 0xff_ffff],
    ["config_file", () => ""],
    morePlatform,
  ],
};

const CLIENTS: InfoSection = {
  name: "Clients",
  fields: [
    [
      "connected_clients",
      (engine) => countSessions(engine, (session) => !session.isFollower && !session.isMasterLink),
    ],
    ["cluster_connections", () => 0],
    ["maxclients", (engine) => engine.config.number("maxclients")],
    ["blocked_clients", (engine) => countSessions(engine, (s) => s.blocked !== undefined)],
    ["tracking_clients", ({ tracking }) => tracking.sessionCount],
    ["pubsub_clients", (engine) => countSessions(engine, (s) => s.subscriptions !== undefined)],
    ["watching_clients", (engine) => countSessions(engine, (s) => s.watched.size > 0)],
    [
      "clients_in_timeout_table",
      (engine) => countSessions(engine, (session) => (session.blocked?.untilMs ?? 0) > 0),
    ],
  ],
};

/**
 * Bytes as the engine counts them: keys, values and what it costs to list them, not the process.
 * `used_memory` is what `maxmemory` limits, all of the data; `used_memory_rss` is what of it is resident.
 */
const MEMORY: InfoSection = {
  name: "Memory",
  fields: [
    ["used_memory", (engine) => engine.eviction.dataBytes],
    ["used_memory_human", (engine) => human(engine.eviction.dataBytes)],
    ["used_memory_rss", (engine) => engine.keyspace.residentBytes],
    ["used_memory_rss_human", (engine) => human(engine.keyspace.residentBytes)],
    ["used_memory_dataset", (engine) => engine.eviction.dataBytes],
    ["used_memory_dirty", (engine) => engine.keyspace.dirtyBytes],
    ["cache_bytes", (engine) => engine.config.number("cache-bytes")],
    ["cache_keys", (engine) => sum(spacesOf(engine).map(([, space]) => space.liveCount))],
    platform("total_system_memory"),
    ["maxmemory", (engine) => engine.config.number("maxmemory")],
    ["maxmemory_human", (engine) => human(engine.config.number("maxmemory"))],
    ["maxmemory_policy", (engine) => engine.config.text("maxmemory-policy")],
    ["active_defrag_running", () => 0],
  ],
};

const PERSISTENCE: InfoSection = {
  name: "Persistence",
  fields: [
    ["loading", () => 0],
    ["rdb_changes_since_last_save", (engine) => engine.keyspace.dirtyCount],
    ["rdb_bgsave_in_progress", ({ keyspace }) => (keyspace.checkpointing === undefined ? 0 : 1)],
    ["rdb_last_save_time", (engine) => seconds(engine.savedAtMs || engine.startedAtMs)],
    ["rdb_last_bgsave_status", () => "ok"],
    ["rdb_saves", (engine) => engine.stats.checkpoints],
    ["aof_enabled", () => 1],
    ["aof_rewrite_in_progress", () => 0],
    ["aof_rewrite_scheduled", () => 0],
    ["aof_last_bgrewrite_status", () => "ok"],
    ["aof_last_write_status", () => "ok"],
    ["aof_current_size", ({ ports: { store } }) => store.logEnd - store.logStart],
    ["store_bytes", (engine) => engine.ports.store.byteCount],
    ["store_rows_written", (engine) => engine.ports.store.rowsWritten],
    ["store_is_pinned", (engine) => Number(engine.ports.store.isPinned)],
  ],
};

const STATS: InfoSection = {
  name: "Stats",
  fields: [
    ["total_connections_received", (engine) => engine.stats.connectionsReceived],
    ["total_commands_processed", (engine) => engine.stats.commandsProcessed],
    ["total_net_input_bytes", (engine) => engine.stats.netInputBytes],
    ["total_net_output_bytes", (engine) => engine.stats.netOutputBytes],
    ["total_net_repl_input_bytes", (engine) => engine.stats.replicationInputBytes],
    ["total_net_repl_output_bytes", (engine) => engine.stats.replicationOutputBytes],
    ["expired_keys", (engine) => engine.stats.expiredKeys],
    ["evicted_keys", (engine) => engine.stats.evictedKeys],
    ["keyspace_hits", (engine) => engine.stats.keyspaceHits],
    ["keyspace_misses", (engine) => engine.stats.keyspaceMisses],
    ["pubsub_channels", ({ pubsub }) => pubsub.channels.size],
    ["pubsub_patterns", ({ pubsub }) => pubsub.patterns.size],
    ["pubsubshard_channels", ({ pubsub }) => pubsub.shardChannels.size],
    ["tracking_total_keys", ({ tracking }) => tracking.table.keyCount],
    ["tracking_total_items", ({ tracking }) => tracking.table.itemCount],
    ["tracking_total_prefixes", ({ tracking }) => tracking.prefixes.count],
    ["total_error_replies", (engine) => engine.stats.errorReplies],
  ],
};

const COMMAND_STATS: InfoSection = {
  name: "Commandstats",
  fields: [
    (engine) =>
      [...engine.stats.calls].map(([name, { calls, failedCalls, usec, timedCalls }]) => {
        // Fast commands are not timed (slowlog.ts); no figure is better than a wrong one.
        const time =
          timedCalls === 0 ? "" : `usec=${usec},usec_per_call=${(usec / timedCalls).toFixed(2)},`;
        return [`cmdstat_${name}`, `calls=${calls},${time}failed_calls=${failedCalls}`];
      }),
  ],
};

const ERROR_STATS: InfoSection = {
  name: "Errorstats",
  fields: [
    (engine) =>
      [...engine.stats.errors].map(([name, count]) => [`errorstat_${name}`, `count=${count}`]),
  ],
};

const LATENCY_STATS: InfoSection = {
  name: "Latencystats",
  fields: [
    ({ latency, config }) => {
      const percents = config.text("latency-tracking-info-percentiles").split(" ").filter(Boolean);
      return [...latency.histograms].map(([name, histogram]) => {
        const shown = percents.map((percent) => {
          return `p${Number(percent)}=${histogram.percentile(Number(percent)).toFixed(3)}`;
        });
        return [`latency_percentiles_usec_${name}`, shown.join(",")];
      });
    },
  ],
};

const KEYSPACE: InfoSection = {
  name: "Keyspace",
  fields: [
    (engine) =>
      spacesOf(engine)
        .filter(([, space]) => space.keyCount > 0)
        .map(([db, space]) => {
          const { keyCount, expireCount } = space;
          const ttl = averageTtlMs(space, engine.nowMs);
          return [`db${db}`, `keys=${keyCount},expires=${expireCount},avg_ttl=${ttl}`];
        }),
  ],
};

/** All sections but Replication, which `shared/replication` adds. */
export const ENGINE_INFO: readonly InfoSection[] = [
  SERVER,
  CLIENTS,
  MEMORY,
  PERSISTENCE,
  STATS,
  { name: "Modules", fields: [] },
  COMMAND_STATS,
  ERROR_STATS,
  LATENCY_STATS,
  { name: "Cluster", fields: [["cluster_enabled", () => 0]] },
  KEYSPACE,
];

/** The text of INFO for the sections asked for (none: the default ones). */
export function infoText(engine: Engine, asked: readonly string[]): string {
  const names = asked.map((name) => name.toLowerCase());
  const isAll = names.includes("all") || names.includes("everything");
  const isDefault = names.length === 0 || names.includes("default");
  const known = ORDER.map(({ name }): string => name);
  const others = engine.infoSections.map(({ name }) => name).filter((n) => !known.includes(n));
  const shown = [...known, ...new Set(others)].filter((name) => {
    if (!engine.infoSections.some((section) => section.name === name)) return false;
    if (isAll || names.includes(name.toLowerCase())) return true;
    return isDefault && !ON_REQUEST.has(name);
  });
  return shown.map((name) => sectionText(engine, name)).join("\r\n");
}

function sectionText(engine: Engine, name: string): string {
  let text = `# ${name}\r\n`;
  for (const section of engine.infoSections) {
    if (section.name !== name) continue;
    for (const field of fieldsOf(section)) {
      for (const [key, value] of linesOf(engine, field)) text += `${key}:${value}\r\n`;
    }
  }
  return text;
}

function fieldsOf({ fields }: InfoSection): readonly (InfoField | InfoRows)[] {
  return typeof fields === "function" ? [fields] : fields;
}

function linesOf(engine: Engine, field: InfoField | InfoRows): ReturnType<InfoRows> {
  if (typeof field === "function") return field(engine);
  const value = field[1](engine);
  return value === undefined ? [] : [[field[0], value]];
}

/** What the platform says beyond the fields above: region, node … */
function morePlatform(engine: Engine): ReturnType<InfoRows> {
  const named = new Set<string>();
  for (const section of engine.infoSections) {
    for (const field of fieldsOf(section)) if (typeof field !== "function") named.add(field[0]);
  }
  return Object.entries(engine.ports.platform).filter(([name]) => !named.has(name));
}

function spacesOf(engine: Engine): [db: number, space: Space][] {
  return Array.from({ length: DATABASE_COUNT }, (_, db) => [db, engine.keyspace.space(db)]);
}

/** How many resident keys the average is taken over; Redis samples as well. */
const TTL_SAMPLES = 100;

function averageTtlMs(space: Space, nowMs: number): number {
  let totalMs = 0;
  let count = 0;
  for (const { expiresAtMs } of space.expiring) {
    if (count === TTL_SAMPLES) break;
    totalMs += Math.max(0, expiresAtMs - nowMs);
    count++;
  }
  return count === 0 ? 0 : Math.floor(totalMs / count);
}

/** Bytes as Redis's bytesToHuman writes them: 918.90K. */
export function human(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`;
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < 4) {
    value /= 1024;
    unit++;
  }
  return `${value.toFixed(2)}${"KMGTP"[unit]}`;
}
