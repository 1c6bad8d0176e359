/**
 * Every setting: its name in Redis's spelling, what values it takes, its default, and, where it is
 * ours or differs from Redis, what it does here. Those without a remark mean what redis.conf says,
 * or are there because clients and tools ask for them.
 */
import {
  anyText,
  clamped,
  eventClasses,
  type Kind,
  memory,
  memoryOrPercent,
  oneOf,
  only,
  outputLimits,
  percentiles,
  readContract,
  savePoints,
  whole,
  yesNo,
} from "./config-values.ts";

export interface Setting {
  readonly name: string;
  readonly kind: Kind;
  /** As CONFIG SET takes it. */
  readonly default: string;
  /** What it does here; empty: what redis.conf says. */
  readonly about: string;
  /** Older names for the same value. */
  readonly aliases: readonly string[];
  /** Given at the start, if at all; CONFIG SET refuses it. */
  readonly isImmutable: boolean;
}

interface More {
  readonly about?: string;
  readonly aliases?: readonly string[];
}

function setting(name: string, kind: Kind, value: string, { about = "", aliases = [] }: More = {}) {
  return { name, kind, default: value, about, aliases, isImmutable: false };
}

function fixed(name: string, kind: Kind, value: string, more: More = {}): Setting {
  return { ...setting(name, kind, value, more), isImmutable: true };
}

const POLICIES = oneOf(
  "volatile-lru",
  "volatile-lfu",
  "volatile-random",
  "volatile-ttl",
  "allkeys-lru",
  "allkeys-lfu",
  "allkeys-random",
  "noeviction",
);
const PERCENTILES = "latency-tracking-info-percentiles";
const DURABLE = "every write is durable before it is answered";
const OUTPUT_LIMITS = "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60";
const BULK_MAX = 32 * 1024 ** 2;
const KB = 1024;
const ANY_WHOLE = whole({ max: Infinity });
const AT_LEAST_ONE = whole({ min: 1 });
const PORT = whole({ max: 65535 });

const ENGINE: readonly Setting[] = [
  fixed("aclfile", anyText(), ""),
  setting("acl-pubsub-default", oneOf("allchannels", "resetchannels"), "resetchannels"),
  setting("acllog-max-len", ANY_WHOLE, "128"),
  setting("active-expire-effort", whole({ min: 1, max: 10 }), "1"),
  setting("activedefrag", only("no", "V8 looks after the memory"), "no"),
  setting("activerehashing", yesNo(), "yes"),
  setting("appendfsync", only("always", DURABLE), "always", {
    about: `Always \`always\`: ${DURABLE}.`,
  }),
  setting("appendonly", only("yes", DURABLE), "yes", { about: `Always \`yes\`: ${DURABLE}.` }),
  setting("auto-aof-rewrite-min-size", memory(), "64mb"),
  setting("auto-aof-rewrite-percentage", whole(), "100"),
  fixed("bind", anyText(), ""),
  setting("busy-reply-threshold", ANY_WHOLE, "5000", { aliases: ["lua-time-limit"] }),
  setting("client-output-buffer-limit", outputLimits(), OUTPUT_LIMITS),
  setting("client-query-buffer-limit", memory({ min: KB ** 2, max: KB ** 3 }), "64mb", {
    about: "What one client may make the node hold: unread input, or a MULTI's queue.",
  }),
  fixed("cluster-enabled", yesNo(), "no"),
  fixed("daemonize", yesNo(), "no"),
  fixed("databases", AT_LEAST_ONE, "16", { about: "Always 16." }),
  fixed("dbfilename", anyText(), "dump.rdb"),
  fixed("dir", anyText(), ""),
  setting("dynamic-hz", yesNo(), "yes"),
  fixed("enable-debug-command", oneOf("no", "yes", "local"), "yes", {
    about: "DEBUG is allowed unless the node was started with `no`.",
  }),
  setting("hash-max-listpack-entries", ANY_WHOLE, "512", {
    aliases: ["hash-max-ziplist-entries"],
  }),
  setting("hash-max-listpack-value", memory(), "64", { aliases: ["hash-max-ziplist-value"] }),
  setting("hll-sparse-max-bytes", memory(), "3000"),
  setting("hz", clamped({ min: 1, max: 500 }), "10", {
    about: "Rounds of the expiry sweep a second, while the node is awake.",
  }),
  fixed("io-threads", whole({ min: 1, max: 128 }), "1"),
  setting("latency-monitor-threshold", ANY_WHOLE, "0"),
  setting("latency-tracking", yesNo(), "yes"),
  setting(PERCENTILES, percentiles(PERCENTILES), "50 99 99.9"),
  setting("lazyfree-lazy-eviction", yesNo(), "no"),
  setting("lazyfree-lazy-expire", yesNo(), "no"),
  setting("lazyfree-lazy-server-del", yesNo(), "no"),
  setting("lazyfree-lazy-user-del", yesNo(), "no"),
  setting("lazyfree-lazy-user-flush", yesNo(), "no"),
  setting("lfu-decay-time", whole(), "1"),
  setting("lfu-log-factor", whole(), "10"),
  setting("list-compress-depth", whole(), "0"),
  setting("list-max-listpack-size", whole({ min: -2_147_483_648 }), "-2", {
    aliases: ["list-max-ziplist-size"],
  }),
  fixed("logfile", anyText(), ""),
  setting("loglevel", oneOf("debug", "verbose", "notice", "warning"), "notice"),
  setting("maxclients", whole({ min: 1, max: 4_294_967_295 }), "10000"),
  setting("maxmemory", memory(), "0", {
    about:
      "Bytes of all keys and values, in memory or not (`cache-bytes`); 0: as many as there are.",
  }),
  setting("maxmemory-clients", memoryOrPercent(), "0"),
  setting("maxmemory-eviction-tenacity", whole({ max: 100 }), "10", {
    about:
      "How many keys are evicted before one command: 100 by default, all that it takes at 100.",
  }),
  setting("maxmemory-policy", POLICIES, "noeviction"),
  setting("maxmemory-samples", AT_LEAST_ONE, "5"),
  setting("no-appendfsync-on-rewrite", yesNo(), "no"),
  setting("notify-keyspace-events", eventClasses(), ""),
  fixed("pidfile", anyText(), ""),
  fixed("port", PORT, "0", { about: "The port this node is reached at over TCP, 0 if it is not." }),
  setting("protected-mode", yesNo(), "yes"),
  setting("proto-max-bulk-len", memory({ min: KB ** 2, max: BULK_MAX }), "32mb", {
    about: "The longest argument and the longest string; at most 32 MB (Redis: 512).",
  }),
  fixed("rdbchecksum", yesNo(), "yes"),
  setting("rdbcompression", yesNo(), "yes"),
  setting("requirepass", anyText({ bytesMax: 511 }), ""),
  setting("sanitize-dump-payload", oneOf("no", "yes", "clients"), "no"),
  setting("save", savePoints(), "", {
    about: `Kept and shown: ${DURABLE}; see \`checkpoint-keys\`.`,
  }),
  setting("set-max-intset-entries", ANY_WHOLE, "512"),
  setting("set-max-listpack-entries", ANY_WHOLE, "128"),
  setting("set-max-listpack-value", ANY_WHOLE, "64"),
  setting("shutdown-timeout", whole(), "10"),
  setting("slowlog-log-slower-than", whole({ min: -1, max: Infinity }), "10000", {
    about: "Under 10000, fast commands and SET are timed too, which costs every one of them.",
  }),
  setting("slowlog-max-len", ANY_WHOLE, "128", { about: "The log holds at most 10000 entries." }),
  setting("stop-writes-on-bgsave-error", yesNo(), "yes"),
  setting("stream-node-max-bytes", memory(), "4096"),
  setting("stream-node-max-entries", ANY_WHOLE, "100"),
  fixed("supervised", oneOf("upstart", "systemd", "auto", "no"), "no"),
  fixed("tcp-backlog", whole(), "511"),
  setting("tcp-keepalive", whole(), "300"),
  setting("timeout", whole(), "0"),
  setting("tls-port", PORT, "0"),
  setting("tracking-table-max-keys", ANY_WHOLE, "1000000"),
  fixed("unixsocket", anyText(), ""),
  setting("zset-max-listpack-entries", ANY_WHOLE, "128", {
    aliases: ["zset-max-ziplist-entries"],
  }),
  setting("zset-max-listpack-value", memory(), "64", { aliases: ["zset-max-ziplist-value"] }),
];

const REPLICATION: readonly Setting[] = [
  setting("masterauth", anyText(), ""),
  setting("masteruser", anyText(), ""),
  setting("min-replicas-max-lag", whole(), "10", { aliases: ["min-slaves-max-lag"] }),
  setting("min-replicas-to-write", whole(), "0", { aliases: ["min-slaves-to-write"] }),
  setting("propagation-error-behavior", oneOf("ignore", "panic", "panic-on-replicas"), "ignore"),
  setting("rdb-del-sync-files", yesNo(), "no"),
  setting("repl-backlog-size", memory({ min: 16 * KB }), "64mb", {
    about: "How much of the log is kept, on disk, for replicas that were away (Redis: 1 MB).",
  }),
  setting("repl-backlog-ttl", whole(), "3600", {
    about: "Kept and shown: the log is durable, it stays without replicas.",
  }),
  setting("repl-disable-tcp-nodelay", yesNo(), "no"),
  setting("repl-diskless-load", oneOf("disabled", "on-empty-db", "swapdb"), "disabled"),
  setting("repl-diskless-sync", yesNo(), "yes"),
  setting("repl-diskless-sync-delay", whole(), "5"),
  setting("repl-diskless-sync-max-replicas", whole(), "0"),
  setting("repl-ping-replica-period", AT_LEAST_ONE, "10", { aliases: ["repl-ping-slave-period"] }),
  setting("repl-timeout", AT_LEAST_ONE, "60"),
  setting("replica-announce-ip", anyText(), "", { aliases: ["slave-announce-ip"] }),
  setting("replica-announce-port", PORT, "0", { aliases: ["slave-announce-port"] }),
  setting("replica-announced", yesNo(), "yes"),
  setting("replica-ignore-disk-write-errors", yesNo(), "no"),
  setting("replica-ignore-maxmemory", only("yes", "only a master evicts"), "yes", {
    about: "Always `yes`: only a master evicts.",
    aliases: ["slave-ignore-maxmemory"],
  }),
  setting("replica-lazy-flush", yesNo(), "no", { aliases: ["slave-lazy-flush"] }),
  setting("replica-priority", whole(), "100", { aliases: ["slave-priority"] }),
  setting("replica-read-only", yesNo(), "yes", { aliases: ["slave-read-only"] }),
  setting("replica-serve-stale-data", yesNo(), "yes", { aliases: ["slave-serve-stale-data"] }),
  fixed("replicaof", anyText(), "", { aliases: ["slaveof"] }),
];

const OURS: readonly Setting[] = [
  setting("cache-bytes", memory({ min: KB ** 2, max: 64 * KB ** 2 }), "32mb", {
    about: "Bytes of keys and values in memory; beyond, unchanged ones are dropped (LRU).",
  }),
  setting("checkpoint-dirty-percent", whole({ min: 1, max: 100 }), "25", {
    about: "Changed bytes, as a share of `cache-bytes`, after which a checkpoint is written.",
  }),
  setting("checkpoint-keys", whole({ min: 1, max: 1_000_000 }), "48000", {
    about: "Changed keys after which a checkpoint writes them to the base.",
  }),
  setting("checkpoint-log-bytes", memory({ min: KB }), "8mb", {
    about: "Bytes of log after which a checkpoint is written: what a restart replays at most.",
  }),
  setting("checkpoint-quiet-ms", whole({ min: 10 }), "1000", {
    about: "Quiet time after which a checkpoint is written, so that an idle node wakes at once.",
  }),
  setting("checkpoint-slice-rows", whole({ min: 1, max: 1_000_000 }), "500", {
    about: "Rows of a checkpoint that are written in one go; other work is done in between.",
  }),
  setting("group-bytes-max", memory({ min: KB, max: 16 * KB ** 2 }), "128kb", {
    about: "Bytes of effects after which a group of commands is committed, ready or not.",
  }),
  setting("read-contract", readContract(), "token", {
    about: "How fresh a read over REST is that does not say so: `strong token any max-lag=MS`.",
  }),
  setting("read-contract-readonly", readContract(), "token", {
    about: "The same for who comes with `rest-readonly-token`.",
  }),
  setting("read-wait-ms", whole({ max: 60_000 }), "1000", {
    about: "How long a read waits for a replica to catch up before the master answers it.",
  }),
  setting("rdb-redis-version-min", whole({ min: 5, max: 8 }), "5", {
    about:
      "The oldest Redis that reads our RDB files, DUMPs and syncs over TCP; below 7 streams leave " +
      "without counters. Functions and field times need newer ones anyway.",
  }),
  setting("repl-pin-ttl", AT_LEAST_ONE, "60", {
    about: "Seconds a frozen base waits for the reader of a broken full sync to come back.",
  }),
  setting("repl-reconnect-max-ms", whole({ min: 100 }), "10000", {
    about: "The longest wait between two attempts of a replica to reach its master.",
  }),
  setting("repl-window-bytes", memory({ min: 16 * KB }), "4mb", {
    about: "How far a replica is sent the log beyond what it has acknowledged.",
  }),
  setting("replica-idle-timeout", whole({ max: 1_000_000 }), "300", {
    about:
      "Seconds after which a replica without clients lets go of its master and sleeps; 0: never.",
  }),
  setting("rest-readonly-token", anyText({ bytesMax: 511 }), "", {
    about: "A token that REST takes beside the password, for reading only; empty: there is none.",
  }),
  setting("snapshot-chunk-bytes", memory({ min: KB, max: 16 * KB ** 2 }), "64kb", {
    about: "Bytes of a snapshot read and sent at a time.",
  }),
];

/** All settings by name, in the order of the alphabet. */
export const SETTINGS: readonly Setting[] = [...ENGINE, ...REPLICATION, ...OURS].sort((a, b) =>
  a.name < b.name ? -1 : 1,
);
