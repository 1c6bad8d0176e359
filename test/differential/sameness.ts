// When two answers to a command are the same: byte for byte, but for what has no order, what a clock
// tells, and what we want to differ in.

import { encodeReply } from "../../shared/resp/encoder.ts";
import { MapReply, Push, type Reply, ReplyError, SetReply } from "../../shared/resp/reply.ts";
import { UNORDERED } from "./groups.ts";

/** Two clocks told one after the other on a busy machine. */
const CLOCK_MS = 30_000;

/** Commands that answer with times: in seconds, in milliseconds. */
const SECONDS = new Set("expiretime hexpiretime httl ttl".split(" "));
const MILLISECONDS = new Set("hpexpiretime hpttl pexpiretime pttl".split(" "));

/** What may have happened to the values that an answer is about. */
export interface Past {
  /** Our side was loaded from its store. */
  readonly isReloaded: boolean;
  readonly isSorted: boolean;
}

const NOTHING: Past = { isReloaded: false, isSorted: false };

interface Wanted {
  readonly why: string;
  readonly applies: (answer: Answer, past: Past) => boolean;
}

/** Where we answer otherwise and mean to; what users may notice the README has too. */
const WANTED: readonly Wanted[] = [
  {
    why: "a string that was loaded has the encoding of a new one, as in Redis",
    applies: (answer, { isReloaded }) =>
      isReloaded && areEncodings(answer, { own: STRINGS, other: STRINGS }),
  },
  {
    why: "an integer that INCRBYFLOAT leaves is one; in Redis on replicas only",
    applies: (answer) => areEncodings(answer, { own: ["int"], other: ["embstr"] }),
  },
  {
    why: "Redis expands a sorted set when it is sorted, though it only reads it",
    applies: (answer, { isSorted }) =>
      isSorted && areEncodings(answer, { own: ["listpack"], other: ["skiplist"] }),
  },
  {
    why: "a cursor that no SCAN has given means something else to each",
    applies: ({ args: [name = "", ...args] }) =>
      (/^[hsz]scan$/i.test(name) && args[1] !== "0") || (/^scan$/i.test(name) && args[0] !== "0"),
  },
  {
    why: "a command that came after Redis 7.0",
    applies: ({ theirs }) =>
      theirs instanceof ReplyError && theirs.text.startsWith("ERR unknown command"),
  },
];

const STRINGS: readonly string[] = ["embstr", "int", "raw"];

function areEncodings(
  { args, ours, theirs }: Answer,
  wanted: { own: readonly string[]; other: readonly string[] },
): boolean {
  if (args.slice(0, 2).join(" ").toUpperCase() !== "OBJECT ENCODING") return false;
  return wanted.own.includes(ours as string) && wanted.other.includes(theirs as string);
}

/** What two servers did differently. */
export interface Difference {
  /** The command, or what was compared. */
  readonly what: string;
  readonly ours: string;
  readonly theirs: string;
}

export interface Answer {
  readonly args: readonly string[];
  readonly ours: Reply;
  readonly theirs: Reply;
}

/**
 * Whether the answers are the same. `queued`: the commands of the transaction that an EXEC answers for.
 */
export function areSame(
  { args, ours, theirs }: Answer,
  {
    protocol,
    queued,
    past = NOTHING,
  }: { protocol: 2 | 3; queued: readonly (readonly string[])[]; past?: Past },
): boolean {
  const name = args[0]!.toLowerCase();
  if (name === "exec" && Array.isArray(ours) && Array.isArray(theirs)) {
    const [own, other] = [ours as readonly Reply[], theirs as readonly Reply[]];
    if (own.length !== other.length) return false;
    return own.every((reply, i) => {
      const answer = { args: queued[i] ?? [""], ours: reply, theirs: other[i]! };
      return areSame(answer, { protocol, queued: [], past });
    });
  }
  if (encodeReply(ours, protocol) === encodeReply(theirs, protocol)) return true;
  if (WANTED.some(({ applies }) => applies({ args, ours, theirs }, past))) return true;
  const tolerance = SECONDS.has(name) ? CLOCK_MS / 1000 : MILLISECONDS.has(name) ? CLOCK_MS : 0;
  if (tolerance > 0) return areClose(ours, theirs, tolerance);
  if (!UNORDERED.has(name)) return false;
  return encodeReply(inOrder(ours), protocol) === encodeReply(inOrder(theirs), protocol);
}

function areClose(ours: Reply, theirs: Reply, tolerance: number): boolean {
  if (Array.isArray(ours) && Array.isArray(theirs)) {
    const [own, other] = [ours as readonly Reply[], theirs as readonly Reply[]];
    if (own.length !== other.length) return false;
    return own.every((item, i) => areClose(item, other[i]!, tolerance));
  }
  if (!isInteger(ours) || !isInteger(theirs)) return false;
  if (ours < 0 || theirs < 0) return ours === theirs;
  // Bigints, where they are: times beyond 2^53 ms, which we keep to the nearest double.
  return Math.abs(Number(ours) - Number(theirs)) <= tolerance;
}

function isInteger(reply: Reply): reply is number | bigint {
  return typeof reply === "number" || typeof reply === "bigint";
}

/** Items of arrays, sets and maps, at any depth, in one order. */
function inOrder(reply: Reply): Reply {
  if (Array.isArray(reply)) return sortedItems(reply as readonly Reply[]);
  if (reply instanceof SetReply) return new SetReply(sortedItems(reply.items));
  if (reply instanceof Push) return new Push(sortedItems(reply.items));
  if (!(reply instanceof MapReply)) return reply;
  const pairs: Reply[] = [];
  for (let i = 0; i < reply.flat.length; i += 2) pairs.push([reply.flat[i]!, reply.flat[i + 1]!]);
  return sortedItems(pairs);
}

function sortedItems(items: readonly Reply[]): readonly Reply[] {
  const texts = items.map(inOrder).map((reply) => ({ reply, text: encodeReply(reply, 3) }));
  texts.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
  return texts.map(({ reply }) => reply);
}
