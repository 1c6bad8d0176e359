// Waiting for what is to come true, and not for time to pass.

import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 10;

/**
 * Resolves with the first value that is neither false nor undefined; rejects with the last value seen
 * when `timeoutMs` is over. What `check` throws counts as not yet: a server may be away for a while.
 */
export async function until<T>(
  what: string,
  check: () => Promise<T | false | undefined> | T | false | undefined,
  options: { readonly timeoutMs?: number; readonly pollMs?: number } = {},
): Promise<T> {
  const { timeoutMs = 20_000, pollMs = POLL_MS } = options;
  const untilMs = performance.now() + timeoutMs;
  for (;;) {
    let why: unknown;
    try {
      const value = await check();
      if (value !== false && value !== undefined) return value;
    } catch (error) {
      why = error;
    }
    if (performance.now() > untilMs) {
      throw new Error(`${what}: not within ${timeoutMs} ms`, { cause: why });
    }
    await sleep(pollMs);
  }
}
