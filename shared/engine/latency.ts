/** LATENCY: events that took at least `latency-monitor-threshold` milliseconds, and how long calls took. */
import { LatencyHistogram } from "./latency-histogram.ts";

export interface LatencySample {
  readonly atSeconds: number;
  readonly durationMs: number;
}

export interface LatencyEvent {
  readonly name: string;
  readonly samples: readonly LatencySample[];
  /** The longest since the last reset. */
  readonly worstMs: number;
}

/** As many as Redis keeps of one kind. */
const SAMPLES_MAX = 160;

export class Latency {
  readonly #events = new Map<string, { samples: LatencySample[]; worstMs: number }>();

  /** By the name of the command; since the start, or CONFIG RESETSTAT. */
  readonly histograms = new Map<string, LatencyHistogram>();

  /** A command took so long. */
  countCall(name: string, durationUs: number): void {
    let histogram = this.histograms.get(name);
    if (histogram === undefined) this.histograms.set(name, (histogram = new LatencyHistogram()));
    histogram.add(durationUs);
  }

  /** Events of one second are one sample: the longest. Kinds come from our own code and are few. */
  add(name: string, sample: LatencySample): void {
    let event = this.#events.get(name);
    if (event === undefined) this.#events.set(name, (event = { samples: [], worstMs: 0 }));
    event.worstMs = Math.max(event.worstMs, sample.durationMs);
    const last = event.samples.at(-1);
    if (last?.atSeconds !== sample.atSeconds) event.samples.push(sample);
    else if (last.durationMs < sample.durationMs) event.samples.splice(-1, 1, sample);
    if (event.samples.length > SAMPLES_MAX) event.samples.shift();
  }

  events(): LatencyEvent[] {
    return [...this.#events].map(([name, event]) => ({ name, ...event }));
  }

  /** Forgets some kinds, or all; returns how many there were. */
  reset(names: readonly string[]): number {
    const wanted = names.length === 0 ? [...this.#events.keys()] : names;
    return wanted.filter((name) => this.#events.delete(name)).length;
  }
}
