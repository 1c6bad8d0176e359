// Three kinds of tests, by where they run. `npm test -- --project unit` runs one of them.

import { existsSync } from "node:fs";

import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";

const WRANGLER_CONFIG = "./test/workers/wrangler.toml";

// Groups run one after the other. They are named from 1, because vitest puts a project of group 0
// behind all others where it has one worker only, as on two cores by default.
const TOGETHER = { maxWorkers: "100%", sequence: { groupOrder: 1 } };
const ONE_BY_ONE = { maxWorkers: 1, sequence: { groupOrder: 2 } };

/** Everything that needs no platform: shared/, scripts/, simulations. */
const unit: TestProjectInlineConfiguration = {
  test: {
    name: "unit",
    include: ["test/**/*.test.ts"],
    exclude: ["test/workers/**/*.workerd.test.ts", "test/net/**"],
    environment: "node",
    isolate: false, // pure code leaves nothing behind, and a process for each file takes 0.8 s
    ...TOGETHER,
  },
};

/** The Worker and its Durable Objects inside workerd. */
const workerd: TestProjectInlineConfiguration = {
  plugins: [cloudflareTest({ wrangler: { configPath: WRANGLER_CONFIG } })],
  test: { name: "workerd", include: ["test/workers/**/*.workerd.test.ts"], ...TOGETHER },
};

/**
 * Real processes over real sockets: `npm start`, redis-server. They come last and one file at a
 * time, because with other tests beside them two cores are not enough to keep any timeout honest.
 */
const net: TestProjectInlineConfiguration = {
  test: {
    name: "net",
    include: ["test/net/**/*.test.ts"],
    environment: "node",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    ...ONE_BY_ONE,
  },
};

export default defineConfig({
  test: {
    globalSetup: ["test/support/redis-setup.ts"],
    reporters: ["default", "./test/support/summary-reporter.ts"],
    projects: existsSync(WRANGLER_CONFIG) ? [unit, workerd, net] : [unit, net],
  },
});
