// The bootstrap behind every npm script, as a process: which Node, exit codes, signals.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, describe, expect, test } from "vitest";

const RUN = path.resolve(import.meta.dirname, "../../scripts/lib/run.mjs");
const FOLDER = mkdtempSync(path.join(tmpdir(), "antipode-run-"));
afterAll(() => rmSync(FOLDER, { recursive: true }));

describe("the bootstrap", () => {
  test("runs TypeScript on the pinned Node, with its arguments", async () => {
    const source = `const major: string = process.versions.node.split(".")[0] ?? "";
      console.log(major, ...process.argv.slice(2));`;
    expect(await run(source, ["a", "--b=c"])).toEqual({ code: 0, output: "24 a --b=c\n" });
  });

  test("ends with the program's exit code", async () => {
    expect(await run("process.exit(7)")).toMatchObject({ code: 7 });
  });

  test("ends as the shell would when a signal kills the program", async () => {
    expect(await run("process.kill(process.pid, 'SIGKILL')")).toMatchObject({ code: 137 });
  });

  test.each(["SIGINT", "SIGTERM"] as const)(
    "passes %s on and waits for the end",
    async (signal) => {
      const source = `
      process.on("${signal}", () => setTimeout(() => { console.log("tidy"); process.exit(3); }, 50));
      setInterval(() => {}, 1000);
      console.log("up");`;
      expect(await run(source, [], signal)).toEqual({ code: 3, output: "up\ntidy\n" });
    },
  );

  test("says in one line that there is no such script", async () => {
    const { code, output } = await start(["scripts/none.ts"]);
    expect({ code, output }).toEqual({
      code: 1,
      output: "antipode: there is no scripts/none.ts\n",
    });
  });
});

function run(source: string, args: string[] = [], signal?: NodeJS.Signals): Promise<Ended> {
  const file = path.join(FOLDER, "script.ts");
  writeFileSync(file, source);
  return start([file, ...args], signal);
}

type Ended = { code: number | null; output: string };

/** The signal is sent when the program has said its first word. */
function start(args: string[], signal?: NodeJS.Signals): Promise<Ended> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [RUN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const collect = (text: string): void => {
      if (signal !== undefined && output === "") child.kill(signal);
      output += text;
    };
    child.stdout.setEncoding("utf8").on("data", collect);
    child.stderr.setEncoding("utf8").on("data", collect);
    child.on("close", (code) => done({ code, output }));
  });
}
