// Command lines by chance about who hears of what: messages, events, client-side caching. Each step is for
// one of a few connections, which are told apart by what they may do (test/net/messages.test.ts).

import type { Draw, Maker } from "../random-commands.ts";

const CHANNELS = ["a", "b", "news", "__keyspace@0__:a", "__keyevent@0__:set", "\x00\xff", ""];
const PATTERNS = ["*", "n?ws", "__key*", "__keyspace@0__:[ab]", "__keyevent@*:expire*", "a", ""];
const WORDS = ["hello", "", "\r\n", "\x00\xff"];
const CLASSES = ["KEA", "", "K", "Kg$", "Ex", "KEn", "KEm", "KEgx", "E$", "A", "KEAnm"];
const PREFIXES = ["a", "b", "ab", "", "n"];

function channel(d: Draw): string {
  return d.of(CHANNELS);
}

/** What anyone may say who does not listen in RESP2. */
export const MAKERS: readonly Maker[] = [
  (d) => ["PUBLISH", channel(d), d.of(WORDS)],
  (d) => ["PUBLISH", channel(d), d.of(WORDS)],
  (d) => ["SPUBLISH", channel(d), d.of(WORDS)],
  (d) => ["PUBSUB", "NUMSUB", ...d.some(3, () => [channel(d)])],
  (d) => ["PUBSUB", "SHARDNUMSUB", ...d.some(3, () => [channel(d)])],
  (d) => ["PUBSUB", d.of(["NUMPAT", "numpat", "foo", "NUMPAT x"])],
  (d) => ["PUBSUB", d.of(["CHANNELS", "SHARDCHANNELS"]), ...d.some(2, () => [d.of(PATTERNS)])],
  (d) => [d.of(["PUBLISH", "SPUBLISH", "SUBSCRIBE", "PUBSUB", "PSUBSCRIBE"])],
];

/** What begins and ends listening. */
export const LISTENING: readonly Maker[] = [
  (d) => ["SUBSCRIBE", channel(d), ...d.some(2, () => [channel(d)])],
  (d) => ["PSUBSCRIBE", d.of(PATTERNS), ...d.some(1, () => [d.of(PATTERNS)])],
  (d) => ["SSUBSCRIBE", channel(d), ...d.some(1, () => [channel(d)])],
  (d) => ["UNSUBSCRIBE", ...d.some(3, () => [channel(d)])],
  (d) => ["PUNSUBSCRIBE", ...d.some(2, () => [d.of(PATTERNS)])],
  (d) => ["SUNSUBSCRIBE", ...d.some(2, () => [channel(d)])],
  (d) => ["PING", ...d.some(2, () => [d.of(WORDS)])],
];

/** Client-side caching; `@n` stands for the id of connection n. */
export const TRACKING: readonly Maker[] = [
  (d) => ["CLIENT", "TRACKING", d.of(["ON", "on", "ON", "ON", "OFF", "x"]), ...trackingOptions(d)],
  (d) => ["CLIENT", "TRACKING", "OFF", ...d.some(1, () => trackingOptions(d))],
  (d) => ["CLIENT", "TRACKING", "ON", "BCAST", ...d.some(1, () => ["PREFIX", d.of(PREFIXES)])],
  (d) => ["CLIENT", "CACHING", d.of(["YES", "NO", "yes", "no", "x"])],
  () => ["CLIENT", "TRACKINGINFO"],
  () => ["CLIENT", "GETREDIR"],
  (d) => ["GET", d.key()],
  (d) => ["MGET", d.key(), d.key(), d.key()],
  (d) => ["SET", d.key(), d.value()],
  (d) => ["SET", d.key(), d.value(), "PXAT", "1"],
  (d) => ["DEL", d.key(), d.key()],
];

function trackingOptions(d: Draw): string[] {
  return d.some(3, () => {
    if (d.chance(0.3)) return ["REDIRECT", d.of(["@2", "@4", "@5", "0", "x", "999999"])];
    // More than one prefix that overlaps: redis-server 7.0 answers twice.
    return [d.of(["BCAST", "OPTIN", "OPTOUT", "NOLOOP", "noloop", "optin", "PREFIX", "foo"])];
  });
}

/** A setting of notify-keyspace-events. */
export function eventClasses(d: Draw): string {
  return d.of(CLASSES);
}

/** Arrays in an order of their own. */
export const UNORDERED: ReadonlySet<string> = new Set(["pubsub"]);
