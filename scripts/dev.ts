// npm run dev: the Worker under `wrangler dev`, with the ports of `npm start`, on loopback only. What stands
// behind it goes to wrangler: npm run dev -- --port 8788

import { spawn } from "node:child_process";

/** As wrangler.toml listens. LOOPBACK lets it be used without a password, as `npm start` does. */
const VARIABLES = {
  LOOPBACK: "1",
  PORTS: JSON.stringify({ master: 6379, weur: 6380, apac: 6381 }),
};

const variables = Object.entries(VARIABLES).flatMap(([name, value]) => [
  "--var",
  `${name}:${value}`,
]);
const child = spawn("wrangler", ["dev", ...variables, ...process.argv.slice(2)], {
  stdio: "inherit",
  env: { ...process.env, WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false" },
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
child.on("exit", (code) => process.exit(code ?? 1));
