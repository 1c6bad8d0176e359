import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
export default defineConfig({
  root: new URL("../../..", import.meta.url).pathname,
  plugins: [cloudflareTest({ wrangler: { configPath: "./test/support/workers/wrangler.jsonc" } })],
  test: {
    name: "bare",
    include: [
      "test/workers/node/sqlite-store.workerd.test.ts",
      "test/workers/node/*.bench.test.ts",
    ],
  },
});
