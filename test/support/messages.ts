// A random program about messages, told to two servers: what each of six connections is sent must agree.
//
//   0  RESP3, does everything but transactions      1  RESP3, does not listen
//   2  RESP2, the same as 0                         3  RESP2, does not listen
//   4  changes its protocol, resets itself, ends and comes back
//   5  RESP3, says nothing; it tracks nothing that changes, as once nobody tracks we forget who has read
//      what, and Redis does not

import type { Random } from "../../shared/base/random.ts";
import { REDIS_VERSION } from "../../shared/engine/version.ts";
import type { Commands, Heard, Hearing } from "./hearing.ts";
import { Draw, MAKERS as KEY_MAKERS } from "./random-commands.ts";
import { eventClasses, LISTENING, MAKERS, TRACKING, UNORDERED } from "./random/pubsub.ts";

export const CONNECTIONS = 6;
const ACTIVE = 5;

/** What both have to be told first. */
export async function prepare(hearing: Hearing): Promise<void> {
  await hearing.say(0, [["HELLO", "3"]]);
  await hearing.say(1, [["HELLO", "3"]]);
  await hearing.say(5, [["HELLO", "3"]]);
  await hearing.say(5, [["CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "nothing"]]);
  await hearing.say(1, [["FLUSHALL"], ["CONFIG", "SET", "notify-keyspace-events", "KEA"]]);
}

/** The next step: commands sent at once on one connection, or its end. */
export type Step =
  | { readonly at: number; readonly commands: Commands }
  | { readonly at: number; readonly commands?: undefined };

/** Inside a transaction Redis sends messages to the client itself amid the replies; we send them before. */
const IN_TRANSACTION = [...KEY_MAKERS, ...TRACKING];

export function nextStep(random: Random): Step {
  const d = new Draw(random);
  const at = Math.floor(random.next() * ACTIVE);
  if (at === 4 && d.chance(0.05)) return { at };
  if (at === 4 && d.chance(0.15)) return { at, commands: [d.of([["RESET"], hello(d)])] };
  if ((at === 1 || at === 3) && d.chance(0.2)) return { at, commands: transaction(d) };
  if (at === 1 && d.chance(0.05)) {
    return { at, commands: [["CONFIG", "SET", "notify-keyspace-events", eventClasses(d)]] };
  }
  const count = d.chance(0.7) ? 1 : 3;
  return { at, commands: Array.from({ length: count }, () => commandFor(d, at)) };
}

function hello(d: Draw): string[] {
  return ["HELLO", d.of(["2", "3"])];
}

function commandFor(d: Draw, at: number): readonly string[] {
  const share = d.chance(0.5) ? [KEY_MAKERS, TRACKING] : [MAKERS, TRACKING];
  const isListener = at === 0 || at === 2 || at === 4;
  const makers = isListener && d.chance(0.2) ? LISTENING : d.of(share);
  const command = d.of(makers)(d);
  // A walk has an order of its own, and a transaction is for some only. Of a key that expires under MGET
  // Redis tells in the middle of the reply, and we before it.
  const isAmid = isListener && command[0] === "MGET";
  return EXCLUDED.has(command[0]!) || isTwice(command) || isAmid ? commandFor(d, at) : command;
}

const EXCLUDED = new Set(["KEYS", "SCAN", "MULTI", "EXEC", "DISCARD", "UNWATCH", "SELECT"]);

/** Prefixes that overlap each other: redis-server 7.0 answers twice. */
function isTwice(command: readonly string[]): boolean {
  return command.filter((arg) => arg === "PREFIX").length > 1;
}

function transaction(d: Draw): Commands {
  const commands = d
    .some(4, () => ["x"])
    .map(() => d.of(IN_TRANSACTION)(d))
    .filter((command) => !EXCLUDED.has(command[0]!) && !isTwice(command))
    // Who is told something after it ended tracking may be told of a redirection that it had.
    .filter(([, sub]) => sub !== "TRACKING");
  return [["MULTI"], ...commands, [d.of(["EXEC", "EXEC", "EXEC", "DISCARD"])]];
}

export interface Difference {
  readonly step: number;
  readonly asked: Step;
  readonly ours: Heard;
  readonly theirs: Heard;
}

/** Tells both the same; undefined: they agreed on everything. */
export async function compare(
  { ours, theirs }: { ours: Hearing; theirs: Hearing },
  random: Random,
  steps: number,
): Promise<Difference | undefined> {
  for (let step = 0; step < steps; step++) {
    const asked = nextStep(random);
    const { at, commands } = asked;
    if (commands === undefined) {
      await theirs.reopen(at);
      await ours.reopen(at);
      continue;
    }
    const [mine, other] = [await ours.say(at, commands), await theirs.say(at, commands)];
    const isList = commands.some(([name]) => UNORDERED.has(name!.toLowerCase()));
    if (shown(mine, isList) !== shown(other, isList)) {
      return { step, asked, ours: mine, theirs: other };
    }
  }
  return undefined;
}

const MESSAGE = /^1> "[ps]?message"/;
const ANY_PUSH = /^1> "([ps]?message|invalidate|tracking-redir-broken)"/;

/**
 * As one text, without what may differ: the time, our version, and some orders. Lists of channels have an
 * order of their own. A client that listens to itself in RESP3, or that another redirects to (4 may be),
 * hears of what its command did before or behind the reply, in Redis as each handler has it.
 */
function shown(heard: Heard, isList: boolean): string {
  const texts = heard.map((own, at) => {
    const told = isList ? own.map(sortedLines) : own;
    const isLoose = (text: string): boolean => (at === 4 ? ANY_PUSH : MESSAGE).test(text);
    return [told.filter((text) => isLoose(text)).sort(), told.filter((text) => !isLoose(text))];
  });
  return JSON.stringify(texts)
    .replaceAll(REDIS_VERSION, "7.0.15")
    .replaceAll(/\b\d{13,}\b/g, "T")
    .replaceAll(/\(integer\) \d{5,10}"/g, '(integer) T"');
}

function sortedLines(text: string): string {
  const lines = text.split("\n").map((line) => line.replace(/^ *\d+\) /, ""));
  return lines.sort().join("\n");
}
