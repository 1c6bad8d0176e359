// What a million commands cost on Cloudflare's paid plan, beyond what is included.

/**
 * Dollars a million, read on 2026-11-22 in Cloudflare's documentation: developers.cloudflare.com/workers/platform/pricing
 * and developers.cloudflare.com/durable-objects/platform/pricing. Not in here: the Worker's CPU time ($0.02 a
 * million ms), the time that an object is awake ($12.50 a million GB-s, at 128 MB: $4.15 a month for one that never
 * sleeps), storage ($0.20 a GB-month), and the $5 a month of the plan with all that it includes.
 */
export const PRICES = {
  workerRequests: 0.3,
  /** HTTP requests, calls, WebSockets; and incoming WebSocket messages, twenty of them as one. */
  objectRequests: 0.15,
  rowsRead: 0.001,
  rowsWritten: 1,
} as const;

/** How many of each a million commands take. */
export type Usage = Readonly<Record<keyof typeof PRICES, number>>;

export function dollarsOf(usage: Usage): number {
  const names = Object.keys(PRICES) as (keyof typeof PRICES)[];
  return names.reduce((sum, name) => sum + (usage[name] / 1e6) * PRICES[name], 0);
}

/** Of counters that rose by these while so many commands ran. */
export function perMillion(rise: Usage, commands: number): Usage {
  const entries = Object.entries(rise).map(([name, n]) => [name, (n / commands) * 1e6]);
  return Object.fromEntries(entries) as Usage;
}
