// Waiting for what is to come true, inside workerd.

const POLL_MS = 20;

/** Resolves once `check` says yes; rejects when it has not within `timeoutMs`. */
export async function until(
  what: string,
  check: () => Promise<boolean> | boolean,
  { timeoutMs = 20_000 } = {},
): Promise<void> {
  const untilMs = Date.now() + timeoutMs;
  while (!(await check())) {
    if (Date.now() > untilMs) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await scheduler.wait(POLL_MS);
  }
}
