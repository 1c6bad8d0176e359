// Says once, loudly, when there is no redis-server; in CI (REQUIRE_REDIS=1) that is an error.

import { hasRedis } from "./redis.ts";

export default function setup(): void {
  if (hasRedis) return;
  const what = "redis-server is not on the PATH: tests that compare with Redis do NOT run";
  if (process.env["REQUIRE_REDIS"] === "1") throw new Error(`${what}, and REQUIRE_REDIS=1`);
  process.stderr.write(`\n*** ${what} ***\n\n`);
}
