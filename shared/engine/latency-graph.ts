/** LATENCY GRAPH: samples as ASCII, in the form of Redis's sparklines. */
import type { LatencyEvent, LatencySample } from "./latency.ts";

const COLUMNS = 80;
const ROWS = 4;
/** Three heights within a row. */
const HEIGHTS = "_o#";
const STEPS = HEIGHTS.length * ROWS;

export function latencyGraph(event: LatencyEvent, nowSeconds: number): string {
  const { name, samples, worstMs } = event;
  let high = 0;
  let low = Infinity;
  for (const { durationMs } of samples) {
    high = Math.max(high, durationMs);
    low = Math.min(low, durationMs);
  }
  const title = `${name} - high ${high} ms, low ${low} ms (all time high ${worstMs} ms)\n`;
  const parts: string[] = [];
  for (let at = 0; at < samples.length; at += COLUMNS) {
    const part = samples.slice(at, at + COLUMNS);
    parts.push(bars(part, { low, high }) + labels(part, nowSeconds));
  }
  return `${title}${"-".repeat(COLUMNS)}\n${parts.join("\n")}`;
}

function bars(
  samples: readonly LatencySample[],
  { low, high }: { readonly low: number; readonly high: number },
): string {
  const range = high - low || 1;
  let text = "";
  for (let row = ROWS - 1; row >= 0; row--) {
    for (const { durationMs } of samples) {
      const step = Math.min(Math.trunc(((durationMs - low) * STEPS) / range), STEPS - 1);
      const height = step - row * HEIGHTS.length;
      text += height >= HEIGHTS.length ? "|" : (HEIGHTS[height] ?? " ");
    }
    text += "\n";
  }
  return text;
}

/** How long ago each was, from the top down, below an empty line. */
function labels(samples: readonly LatencySample[], nowSeconds: number): string {
  const ages = samples.map(({ atSeconds }) => age(nowSeconds - atSeconds));
  const length = Math.max(...ages.map((text) => text.length));
  let text = `${" ".repeat(samples.length)}\n`;
  for (let i = 0; i < length; i++) text += `${ages.map((label) => label[i] ?? " ").join("")}\n`;
  return text;
}

function age(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
