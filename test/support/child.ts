// A program in its own process group that cannot outlive the test: neither a failed test, nor Ctrl-C,
// nor a killed vitest leaves it behind, holding its port.

import { spawn, type ChildProcess } from "node:child_process";

/**
 * Starts the program and waits for it. Its descriptor 3 is a pipe from the test's process: when that
 * process ends, however it does, the pipe closes and the whole group is killed.
 */
const GUARDED = `
"$@" 3<&- &
program=$!
{ cat <&3; kill -KILL 0; } >/dev/null 2>&1 &
trap 'kill -TERM $program' TERM
wait $program; code=$?
while kill -0 $program 2>/dev/null; do wait $program; code=$?; done
exit $code`;

export type Child = {
  /** Standard output and standard error so far. */
  output(): string;
  /** Settles with the exit code once the program has ended. */
  readonly ended: Promise<number>;
  /** SIGTERM, then SIGKILL after `graceMs`; resolves when the whole group is gone. */
  stop(graceMs?: number): Promise<void>;
  /** SIGKILL to the whole group: what a crash looks like. */
  kill(): Promise<void>;
};

export function startChild(
  command: readonly [string, ...string[]],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Child {
  const child = spawn("/bin/sh", ["-c", GUARDED, "sh", ...command], {
    ...options,
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  let output = "";
  const collect = (text: string): void => void (output += text);
  child.stdout?.setEncoding("utf8").on("data", collect);
  child.stderr?.setEncoding("utf8").on("data", collect);

  const ended = new Promise<number>((done, fail) => {
    child.once("error", fail);
    child.once("exit", (code) => {
      signalGroup(child, "SIGKILL"); // the guard is still there, and perhaps children of the program
      done(code ?? -1);
    });
  });

  return {
    output: () => output,
    ended,
    async stop(graceMs = 5_000) {
      child.kill("SIGTERM");
      const timer = setTimeout(() => signalGroup(child, "SIGKILL"), graceMs);
      await ended;
      clearTimeout(timer);
    },
    async kill() {
      signalGroup(child, "SIGKILL");
      await ended;
    },
  };
}

/** The group's number is that of its first process; ESRCH says that all of them are gone. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
