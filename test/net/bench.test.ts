// `npm run bench` as a process: it measures, says what is wrong, and leaves nothing behind.

import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, describe, expect, test } from "vitest";

import { type Child, startChild } from "../support/child.ts";
import { hasRedis } from "../support/redis.ts";
import { ROOT } from "../support/serve.ts";
import { until } from "../support/until.ts";

const FOLDER = mkdtempSync(path.join(tmpdir(), "antipode-bench-test-"));
afterAll(() => rmSync(FOLDER, { recursive: true }));

/** Its temporary files go below `FOLDER`, so that what it leaves can be seen. */
function bench(args: readonly string[], env: NodeJS.ProcessEnv = {}): Child {
  return startChild([process.execPath, path.join(ROOT, "scripts/bench.ts"), ...args], {
    env: { ...process.env, TMPDIR: FOLDER, ...env },
  });
}

/** What runs in the folder or on files of it: redis-server hides its arguments, but not where it is. */
function isMeasuring(): boolean {
  return readdirSync("/proc").some((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("redis-benchmark\0");
    } catch {
      return false;
    }
  });
}

function running(): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      if (!/^\d+$/.test(pid)) return false;
      const folder = readlinkSync(`/proc/${pid}/cwd`);
      return (
        folder.startsWith(FOLDER) || readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(FOLDER)
      );
    } catch {
      return false; // it ended while we looked, or is another user's
    }
  });
}

describe.skipIf(!hasRedis)("the bench", () => {
  test("prints a table, writes its samples, and leaves nothing", async () => {
    const file = path.join(FOLDER, "samples.json");
    const child = bench(["--quick", "--rounds", "1", "--only", "rows,lag", "--json", file]);
    const code = await child.ended;
    expect({ code, output: child.output() }).toMatchObject({ code: 0 });
    expect(child.output()).toMatch(/^ {2}p50 +ms +[\d.]+ +[\d.]+ /m);
    expect(child.output()).toMatch(/^ {2}GET, 50 clients +rows +0$/m);

    const report = JSON.parse(readFileSync(file, "utf8")) as { measurements: { name: string }[] };
    expect(report.measurements.map(({ name }) => name)).toEqual(["lag", "rows"]);
    expect(running()).toEqual([]);
    expect(readdirSync(FOLDER)).toEqual(["samples.json"]);
  });

  test("leaves nothing when it is killed", async () => {
    rmSync(path.join(FOLDER, "samples.json"), { force: true });
    const child = bench(["--quick", "--only", "tcp"]);
    await until("the guard and three servers", () => running().length === 4);
    // The guard hears of a server some microseconds after it is there; once it is measured, it has.
    await until("the first measurement", isMeasuring);
    await child.kill();
    await until("their end", () => running().length === 0);
    await until("an empty folder", () => readdirSync(FOLDER).length === 0);
    expect(running()).toEqual([]);
  });
});

describe("a mistake is answered in one line and exit code 1", () => {
  test("when there is no redis-server", async () => {
    const bin = path.join(FOLDER, "bin");
    mkdirSync(bin);
    symlinkSync("/bin/cat", path.join(bin, "cat")); // startChild's guard wants it
    const child = bench([], { PATH: bin });
    expect(await child.ended).toBe(1);
    const what = "npm run bench: needs redis-server and redis-benchmark on the PATH\n";
    expect(child.output()).toBe(what);
  });

  test("when there is no such measurement", async () => {
    const child = bench(["--only", "rows,speed"]);
    expect(await child.ended).toBe(1);
    expect(child.output()).toMatch(/^npm run bench: --only wants some of .*, not "speed"\n$/);
  });
});
