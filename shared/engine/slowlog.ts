/**
 * SLOWLOG: the last commands that took long. Only commands that can take long are timed (see
 * `isSlow` in command.ts), as two clock readings cost as much as a GET; with a threshold under the
 * default, or latency monitoring on, whoever asks wants to see every command, and all are timed.
 *
 * In production the platform's clock stands still while a command runs, so nothing is ever slow
 * there.
 */
import { detach } from "../base/bytes.ts";
import type { Command } from "./command.ts";
import type { Config } from "./config.ts";
import type { Context } from "./context.ts";
import { redact } from "./secrets.ts";

/** What SLOWLOG GET shows. */
export interface SlowEntry {
  readonly id: number;
  readonly atSeconds: number;
  readonly durationUs: number;
  readonly args: readonly string[];
  readonly address: string;
  readonly name: string;
}

const ARGUMENTS_MAX = 32;
const ARGUMENT_BYTES_MAX = 128;
/** Whatever slowlog-max-len says: an entry may take 4 KB. */
const ENTRIES_MAX = 10_000;
/** slowlog-log-slower-than's default, in µs. */
const THRESHOLD_US = 10_000;

export class Slowlog {
  #entries: SlowEntry[] = [];
  #nextId = 0;

  /** Newest first, at most `countMax`. */
  latest(countMax: number): SlowEntry[] {
    return this.#entries.slice(-countMax || this.#entries.length).toReversed();
  }

  get length(): number {
    return this.#entries.length;
  }

  add(entry: Omit<SlowEntry, "id">, lengthMax: number): void {
    this.#entries.push({ id: this.#nextId++, ...entry });
    const excess = this.#entries.length - Math.min(lengthMax, ENTRIES_MAX);
    if (excess > 0) this.#entries.splice(0, excess);
  }

  reset(): void {
    this.#entries = [];
  }
}

/** Whether the settings ask for every command to be timed. */
export function timesEverything(config: Config): boolean {
  const thresholdUs = config.number("slowlog-log-slower-than");
  if (thresholdUs >= 0 && thresholdUs < THRESHOLD_US) return true;
  return config.number("latency-monitor-threshold") > 0;
}

/** Enters how long a command took where it belongs: statistics, slow log, latency events. */
export function recordTime(
  cx: Context,
  command: Command,
  { args, durationUs }: { readonly args: readonly string[]; readonly durationUs: number },
): void {
  const { engine, session } = cx;
  engine.stats.countTime(command.name, durationUs);
  if (engine.config.flag("latency-tracking")) engine.latency.countCall(command.name, durationUs);
  const event = command.flags.has("fast") ? "fast-command" : "command";
  const thresholdMs = engine.config.number("latency-monitor-threshold");
  const durationMs = Math.floor(durationUs / 1000);
  if (thresholdMs > 0 && durationMs >= thresholdMs) {
    engine.latency.add(event, { atSeconds: Math.floor(cx.nowMs / 1000), durationMs });
  }
  const thresholdUs = engine.config.number("slowlog-log-slower-than");
  if (thresholdUs < 0 || durationUs < thresholdUs || command.flags.has("skip_slowlog")) return;
  const { address, name } = session;
  const atSeconds = Math.floor(cx.nowMs / 1000);
  const shown = shorten(redact(command, args));
  const entry = { atSeconds, durationUs, args: shown, address, name };
  engine.slowlog.add(entry, engine.config.number("slowlog-max-len"));
}

/** As much of a command as the log keeps, in Redis's form. */
function shorten(args: readonly string[]): string[] {
  const isLong = args.length > ARGUMENTS_MAX;
  const kept = isLong ? args.slice(0, ARGUMENTS_MAX - 1) : args;
  const shown = kept.map((arg) => {
    const more = arg.length - ARGUMENT_BYTES_MAX;
    if (more <= 0) return detach(arg);
    return detach(`${arg.slice(0, ARGUMENT_BYTES_MAX)}... (${more} more bytes)`);
  });
  if (isLong) shown.push(`... (${args.length - kept.length} more arguments)`);
  return shown;
}
