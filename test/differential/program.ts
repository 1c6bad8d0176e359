// Programs by chance. A program is told by its seed alone: settings, clients, commands, and when time
// passes. Short times to live stand only where time is about to pass, so that no two clocks can see
// them differently.

import { seededRandom } from "../../shared/base/random.ts";
import { Draw } from "../support/random-commands.ts";
import { BASE, type Group } from "./groups.ts";

export type Step =
  | { readonly kind: "command"; readonly client: number; readonly args: readonly string[] }
  /** Keys of a database get a millisecond to live, and live no longer. */
  | {
      readonly kind: "pass";
      readonly db: number;
      readonly commands: readonly (readonly string[])[];
    }
  /** Ours alone, which must not notice: memory is written and forgotten, or lost as by a crash. */
  | { readonly kind: "reload"; readonly isCrash: boolean };

export interface Program {
  readonly seed: number;
  /** Small ones, or Redis's own: how large values stay compact. */
  readonly settings: Readonly<Record<string, string>>;
  /** Ours alone: whether values stay in memory, and how often they are written. */
  readonly ownSettings: Readonly<Record<string, string>>;
  readonly protocol: 2 | 3;
  readonly steps: readonly Step[];
}

export const CLIENTS = 3;
/** Commands name no database beyond. */
export const DATABASES = 3;
/** Commands of one program: few enough to begin anew often, many enough for values to grow. */
export const STEPS = 1000;

/** A program goes over to another client after so many commands, on average. */
const RUN_STEPS = 15;
const BASE_SHARE = 0.15;
const WAIT_SHARE = 0.2;
const PASS_SHARE = 1 / 250;
const RELOAD_SHARE = 1 / 200;

const SIZES: Readonly<Record<string, readonly string[]>> = {
  "hash-max-listpack-entries": ["512", "4", "0"],
  "hash-max-listpack-value": ["64", "6"],
  "set-max-intset-entries": ["512", "4", "0"],
  // Not below the five members that test/support/random/zset.ts wants to keep in a listpack.
  "zset-max-listpack-entries": ["128", "8"],
  "zset-max-listpack-value": ["64", "6"],
  "list-max-listpack-size": ["-2", "4"],
  "stream-node-max-entries": ["100", "3"],
  "stream-node-max-bytes": ["4096", "100"],
  "hll-sparse-max-bytes": ["3000", "40"],
};

/** As little memory as we can do with. */
const TIGHT = { "cache-bytes": "1mb", "checkpoint-log-bytes": "16kb" };

export function drawProgram(seed: number, groups: readonly Group[], steps = STEPS): Program {
  const random = seededRandom(seed);
  const draw = new Draw(random);
  const settings = Object.entries(SIZES).map(([name, sizes]) => {
    return [name, draw.chance(0.5) ? sizes[0]! : draw.of(sizes)] as const;
  });
  const protocol = draw.chance(0.3) ? 3 : 2;
  // Few groups at a time, or most commands would meet keys of another type.
  const focus = draw.some(2, () => [draw.of(groups).name]).concat(draw.of(groups).name);
  const chosen = groups.filter(({ name }) => focus.includes(name));
  const unfit = chosen.flatMap((group) => group.isUnfit ?? []);
  const drawn: Step[] = [];
  let client = 0;
  while (drawn.length < steps) {
    if (draw.chance(PASS_SHARE)) drawn.push(drawPass(draw));
    else if (draw.chance(RELOAD_SHARE)) {
      drawn.push({ kind: "reload", isCrash: draw.chance(0.5) });
    } else {
      if (draw.chance(1 / RUN_STEPS)) client = Math.floor(random.next() * CLIENTS);
      const group = draw.chance(BASE_SHARE) ? BASE : draw.of(chosen);
      // The first client never waits: there is someone left to end the others' waiting.
      const mayWait = client > 0 && draw.chance(WAIT_SHARE);
      const args = draw.of((mayWait ? group.waiting : undefined) ?? group.makers)(draw);
      if (!unfit.some((isUnfit) => isUnfit(args))) drawn.push({ kind: "command", client, args });
    }
  }
  return {
    seed,
    settings: Object.fromEntries(settings),
    ownSettings: draw.chance(0.5) ? TIGHT : {},
    protocol,
    steps: withoutCrashes(drawn),
  };
}

/**
 * A program does not crash where the log, like Redis's, does not tell all: it is replayed under the settings
 * of then, and says nothing of a consumer that XREADGROUP made for nothing.
 */
function withoutCrashes(steps: readonly Step[]): readonly Step[] {
  const isChanging = steps.some((step) => {
    return step.kind === "command" && /^(config|xreadgroup)$/i.test(step.args[0] ?? "");
  });
  if (!isChanging) return steps;
  return steps.map((step) => (step.kind === "reload" ? { ...step, isCrash: false } : step));
}

function drawPass(draw: Draw): Step {
  const keys = new Set(draw.some(5, () => [draw.key()]));
  const commands = [...keys].map((key) =>
    draw.of([
      ["PEXPIRE", key, "1"],
      ["SET", key, draw.value(), "PX", "1"],
      ["SET", key, draw.value(), "PX", "1", "NX"],
      ["PSETEX", key, "1", draw.value()],
      ["GETEX", key, "PX", "1"],
    ]),
  );
  return { kind: "pass", db: draw.chance(0.8) ? 0 : 1, commands };
}

/** A program as one reads it, in the form of a transcript. */
export function lineOf(step: Step, quote: (arg: string) => string): string {
  if (step.kind === "command") {
    return `${String.fromCharCode(97 + step.client)}> ${step.args.map(quote).join(" ")}`;
  }
  if (step.kind === "reload") return `(ours is ${step.isCrash ? "started again" : "reloaded"})`;
  const lines = step.commands.map((args) => `t> ${args.map(quote).join(" ")}`);
  return [`t> SELECT ${step.db}`, ...lines, "~ 3ms"].join("\n");
}
