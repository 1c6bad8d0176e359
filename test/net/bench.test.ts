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
  test("prints a table, writes its samples and a page of them, and leaves nothing", async () => {
    const [json, page] = [path.join(FOLDER, "samples.json"), path.join(FOLDER, "page.html")];
    const files = ["--json", json, "--page", page];
    const child = bench(["--quick", "--rounds", "1", "--only", "billing,lag", ...files]);
    const code = await child.ended;
    expect({ code, output: child.output() }).toMatchObject({ code: 0 });
    expect(child.output()).toMatch(/^ {2}p50 +ms +[\d.]+ +[\d.]+ /m);
    expect(child.output()).toMatch(/^ {2}GET, REST, one client: rows written +rows +0$/m);
    expect(child.output()).toMatch(/^ {2}GET, REST, one client: dollars +\$ +0\.45/m);

    const report = JSON.parse(readFileSync(json, "utf8")) as { measurements: { name: string }[] };
    expect(report.measurements.map(({ name }) => name)).toEqual(["lag", "billing"]);
    expect(readFileSync(page, "utf8")).toMatch(/^<!doctype html>/);
    expect(running()).toEqual([]);
    expect(readdirSync(FOLDER).toSorted()).toEqual(["page.html", "samples.json"]);
    rmSync(json);
    rmSync(page);
  }, 120_000);

  // The guard; then each server, at whatever moment: between its start and the guard's knowing, too.
  test.each([1, 2, 3, 4])("leaves nothing when it is killed with %d processes", async (count) => {
    const child = bench(["--quick", "--only", "tcp"]);
    await until("processes", () => running().length >= count, { pollMs: 1 });
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
    const child = bench(["--only", "billing,speed"]);
    expect(await child.ended).toBe(1);
    expect(child.output()).toMatch(/^npm run bench: --only wants some of .*, not "speed"\n$/);
  });
});
