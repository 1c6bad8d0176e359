// Programs from a seed on, against redis-server or a replica of ours, until one goes wrong or there were
// enough commands.

import { escape } from "../../shared/engine/monitor.ts";
import { startRedis } from "../support/redis.ts";
import { playAgainstRedis } from "./against-redis.ts";
import { playAgainstReplica } from "./against-replica.ts";
import { type Group, GROUPS } from "./groups.ts";
import { drawProgram, lineOf, type Program, STEPS } from "./program.ts";
import { redisClient } from "./redis-client.ts";
import type { Difference } from "./sameness.ts";
import { shrink } from "./shrink.ts";

/** Both sides keep strings below this. */
const REDIS_SETTINGS = { "enable-debug-command": "yes", "proto-max-bulk-len": "32mb" };

export interface Plan {
  readonly seed: number;
  /** Commands, about. */
  readonly count: number;
  readonly against: "redis" | "replica";
  /** Names of groups; none: all. */
  readonly groups?: readonly string[];
  readonly onProgress?: (commands: number) => void;
}

export interface Outcome {
  readonly commands: number;
  /** The program that went wrong, made short, and how. */
  readonly failure: string | undefined;
}

/** Plays one program; resolves with the first difference. */
export type Player = (program: Program) => Promise<Difference | undefined>;

export async function play(plan: Plan): Promise<Outcome> {
  if (plan.against === "replica") return await playAll(plan, playAgainstReplica);
  const redis = await startRedis(REDIS_SETTINGS);
  const control = await redisClient(redis.port);
  await control.ask("DEBUG", "SET-ACTIVE-EXPIRE", "0");
  try {
    return await playAll(plan, (program) =>
      playAgainstRedis(program, { port: redis.port, control }),
    );
  } finally {
    control.close();
    await redis.stop();
  }
}

async function playAll(plan: Plan, play: Player): Promise<Outcome> {
  const player = (program: Program): Promise<Difference | undefined> => orFailure(play, program);
  const groups = groupsOf(plan.groups ?? []);
  let commands = 0;
  for (let seed = plan.seed; commands < plan.count; seed++) {
    const program = drawProgram(seed, groups, Math.max(STEPS, 1));
    const difference = await player(program);
    if (difference !== undefined) {
      return { commands, failure: await explain(program, difference, player) };
    }
    commands += program.steps.length;
    plan.onProgress?.(commands);
  }
  return { commands, failure: undefined };
}

/** What our side throws is a difference too. */
async function orFailure(play: Player, program: Program): Promise<Difference | undefined> {
  try {
    return await play(program);
  } catch (error) {
    const ours = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { what: "our side fails", ours, theirs: "" };
  }
}

function groupsOf(names: readonly string[]): readonly Group[] {
  if (names.length === 0) return GROUPS;
  const groups = GROUPS.filter(({ name }) => names.includes(name));
  if (groups.length === names.length) return groups;
  throw new Error(`groups are: ${GROUPS.map(({ name }) => name).join(", ")}`);
}

/** The shortest program we find that goes wrong, as a transcript, and what differs at its end. */
async function explain(program: Program, first: Difference, player: Player): Promise<string> {
  const steps = await shrink(
    program.steps,
    async (some) => (await player({ ...program, steps: some })) !== undefined,
  );
  const difference = await player({ ...program, steps });
  const head = `# seed ${program.seed}, RESP${program.protocol}`;
  return [
    `${head}: ${steps.length} of ${program.steps.length} steps`,
    ...Object.entries(program.settings).map(([name, value]) => `  ${name} ${value}`),
    ...steps.map((step) => lineOf(step, quote)),
    "",
    ...(difference === undefined ? ["(not every time: this is what differed at first)"] : []),
    ...shown(difference ?? first),
  ].join("\n");
}

function shown({ what, ours, theirs }: Difference): readonly string[] {
  return [`differs: ${what}`, `ours:   ${ours}`, `theirs: ${theirs}`];
}

function quote(arg: string): string {
  return /^[\w.+:*$([-]+$/.test(arg) ? arg : `"${escape(arg)}"`;
}
