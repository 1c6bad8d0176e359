// A program run by a node of ours, in process, and by redis-server: they answer the same, and end with the
// same data set.

import { setTimeout as sleep } from "node:timers/promises";

import { MemoryStore } from "../../shared/engine/memory-store.ts";
import type { Connection } from "../../shared/replication/connection.ts";
import { ReplyDecoder } from "../../shared/resp/reply-decoder.ts";
import { type Reply, Status } from "../../shared/resp/reply.ts";
import { startNode } from "../support/node.ts";
import { render } from "../support/transcript.ts";
import { compareDataSets } from "./data-sets.ts";
import { CLIENTS, type Program, type Step } from "./program.ts";
import { redisClient, type RedisClient } from "./redis-client.ts";
import { areSame, type Difference, type Past } from "./sameness.ts";

type Commands = readonly (readonly string[])[];
/** Commands that one client sends without waiting, or another step. */
type Run = { kind: "run"; client: number; commands: Commands } | Exclude<Step, { kind: "command" }>;

/** Behind such a command a client may have to wait: what follows is sent when that is known. */
const MAY_BLOCK = new Set(
  "blmove blmpop blpop brpop brpoplpush bzmpop bzpopmax bzpopmin exec wait xread xreadgroup".split(
    " ",
  ),
);
/** More than the time to live of keys that are to expire. */
const PASS_MS = 3;

/** Resolves with the first difference. `control` is a connection to redis-server of the caller's. */
export async function playAgainstRedis(
  program: Program,
  { port, control }: { port: number; control: RedisClient },
): Promise<Difference | undefined> {
  await control.ask("FLUSHALL");
  await control.ask("FUNCTION", "FLUSH");
  await control.ask("SCRIPT", "FLUSH");
  await control.ask("CONFIG", "SET", ...Object.entries(program.settings).flat());
  const peers: RedisClient[] = [];
  while (peers.length <= CLIENTS) peers.push(await redisClient(port));
  try {
    return await new Match(program, peers).play(control);
  } finally {
    for (const peer of peers) peer.close();
  }
}

function runsOf(steps: readonly Step[]): Run[] {
  const runs: Run[] = [];
  let open: { client: number; commands: (readonly string[])[] } | undefined;
  for (const step of steps) {
    if (step.kind !== "command") {
      runs.push(step);
      open = undefined;
      continue;
    }
    const { client, args } = step;
    if (open?.client !== client) {
      open = { client, commands: [] };
      runs.push({ kind: "run", ...open });
    }
    open.commands.push(args);
    if (MAY_BLOCK.has(args[0]!.toLowerCase())) open = undefined;
  }
  return runs;
}

/** A client of both sides. */
interface Pair {
  readonly ours: Connection;
  readonly decoder: ReplyDecoder;
  readonly theirs: RedisClient;
  /** Commands not yet answered. */
  readonly sent: (readonly string[])[];
  /** Commands of an open transaction. */
  queued: (readonly string[])[];
}

class Match {
  readonly #program: Program;
  readonly #past: Past;
  readonly #node: ReturnType<typeof startNode>;
  readonly #pairs: readonly Pair[];
  /** Gives keys a millisecond to live, never inside a transaction. */
  readonly #clock: Pair;

  constructor(program: Program, peers: readonly RedisClient[]) {
    this.#program = program;
    this.#past = pastOf(program.steps);
    this.#node = startNode(new MemoryStore(), {
      ...program.settings,
      ...program.ownSettings,
    });
    this.#node.core.engine.isActiveExpireOn = false;
    this.#pairs = peers.map((theirs) => {
      const decoder = new ReplyDecoder();
      return { ours: this.#node.open(), decoder, theirs, sent: [], queued: [] };
    });
    this.#clock = this.#pairs.at(-1)!;
  }

  async play(control: RedisClient): Promise<Difference | undefined> {
    if (this.#program.protocol === 3) await this.#greet();
    for (const run of runsOf(this.#program.steps)) {
      const difference = await this.#playRun(run);
      if (difference !== undefined) return difference;
    }
    return await this.#end(control);
  }

  async #greet(): Promise<void> {
    for (const { ours, theirs } of this.#pairs) {
      this.#node.send(ours, ["HELLO", "3"]);
      await theirs.ask("HELLO", "3");
    }
  }

  async #playRun(run: Run): Promise<Difference | undefined> {
    if (run.kind === "reload") return this.#reload(run.isCrash);
    if (run.kind === "pass") return await this.#pass(run.db, run.commands);
    const pair = this.#pairs[run.client]!;
    // Whoever waits says nothing: what it sent would run at a moment that only its server knows.
    return pair.sent.length > 0 ? undefined : await this.#say(pair, run.commands);
  }

  async #say(pair: Pair, commands: Commands): Promise<Difference | undefined> {
    const { world, sent } = this.#node;
    world.nowMs = Math.max(world.nowMs, Date.now());
    sent.clear();
    pair.sent.push(...commands);
    pair.theirs.send(commands);
    this.#node.send(pair.ours, ...commands);
    // Large values are loaded step by step, and who needs them is answered in the end.
    this.#node.turn(0);
    for (const listener of this.#pairs) {
      const difference = await this.#compare(listener);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }

  /** What one client was answered since. */
  async #compare(pair: Pair): Promise<Difference | undefined> {
    const { decoder, theirs } = pair;
    decoder.push(this.#node.sent.get(pair.ours) ?? "");
    const own: Reply[] = [];
    for (let reply = decoder.next(); reply !== undefined; reply = decoder.next()) own.push(reply);
    const others = await theirs.take(own.length);
    for (const [i, ours] of own.entries()) {
      const args = pair.sent.shift() ?? [];
      const difference = this.#differenceOf({ args, ours, theirs: others[i] }, pair.queued);
      if (difference !== undefined) return difference;
      noteTransaction(pair, args, ours);
    }
    const [surplus] = theirs.surplus;
    if (surplus === undefined) return undefined;
    return this.#differenceOf({ args: pair.sent[0] ?? [], ours: undefined, theirs: surplus }, []);
  }

  #differenceOf(
    answer: { args: readonly string[]; ours: Reply | undefined; theirs: Reply | undefined },
    queued: Commands,
  ): Difference | undefined {
    const { args, ours, theirs } = answer;
    if (ours !== undefined && theirs !== undefined) {
      const { protocol } = this.#program;
      if (areSame({ args, ours, theirs }, { protocol, queued, past: this.#past })) return undefined;
    }
    const shown = (reply: Reply | undefined): string =>
      reply === undefined ? "(no answer)" : render(reply);
    const what = args.map((arg) => render(arg)).join(" ");
    return { what, ours: shown(ours), theirs: shown(theirs) };
  }

  /** Times to live of a millisecond, and nobody looks before they are over. */
  async #pass(db: number, commands: Commands): Promise<Difference | undefined> {
    const difference = await this.#say(this.#clock, [["SELECT", String(db)], ...commands]);
    const untilMs = Date.now() + PASS_MS;
    while (Date.now() < untilMs) await sleep(1);
    this.#node.world.nowMs = Date.now();
    return difference;
  }

  #reload(isCrash: boolean): undefined {
    const { core } = this.#node;
    // Whoever waits looks at its keys afterwards, and deletes those that have expired: DBSIZE would tell.
    if (core.engine.blocked.size > 0) return;
    const operator = this.#node.open();
    this.#node.send(operator, ["DEBUG", "RELOAD", ...(isCrash ? ["NOSAVE"] : [])]);
    core.closed(operator);
  }

  async #end(control: RedisClient): Promise<Difference | undefined> {
    const { core } = this.#node;
    const operator = this.#node.open();
    const decoder = new ReplyDecoder();
    const ask = (args: readonly string[]): Reply => {
      this.#node.send(operator, args);
      this.#node.turn(0);
      decoder.push(this.#node.sent.get(operator) ?? "");
      return decoder.next()!;
    };
    const info = (await control.ask("INFO", "clients")) as string;
    const waiting = /blocked_clients:(\d+)/.exec(info)?.[1] ?? "";
    const own = String(core.engine.blocked.size);
    if (waiting !== own) return { what: "clients that wait", ours: own, theirs: waiting };
    this.#node.world.nowMs = Math.max(this.#node.world.nowMs, Date.now());
    return await compareDataSets({ engine: core.engine, ask, past: this.#past }, control);
  }
}

function pastOf(steps: readonly Step[]): Past {
  return {
    isReloaded: steps.some(({ kind }) => kind === "reload"),
    isSorted: steps.some((step) => {
      return step.kind === "command" && /^sort(_ro)?$/i.test(step.args[0] ?? "");
    }),
  };
}

/** Which commands an EXEC answers for. */
function noteTransaction(pair: Pair, args: readonly string[], reply: Reply): void {
  if (reply instanceof Status && reply.text === "QUEUED") pair.queued.push(args);
  else if (/^(exec|discard|reset)$/i.test(args[0] ?? "")) pair.queued = [];
}
