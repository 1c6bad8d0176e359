// Process groups that cannot outlive us, whichever way we end, and a folder for their files.

import { type ChildProcess, spawn, type SpawnOptions, type StdioOptions } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";

/**
 * Makes the folder and says which; then is told of each group that starts (`+ number`) and has ended
 * (`- number`). When its input ends, because we closed it or because we were killed, it kills the groups that
 * are left and removes the folder.
 */
const GUARD = `
trap '' PIPE
folder=$(mktemp -d "$1/antipode-bench-XXXXXX") || exit 1
echo "$folder"
groups=
while read -r sign group; do
  kept=
  for each in $groups; do [ "$each" = "$group" ] || kept="$kept $each"; done
  groups=$kept
  [ "$sign" = - ] || groups="$groups $group"
done
for group in $groups; do kill -s KILL -- "-$group"; done 2>/dev/null
rm -rf -- "$folder" 2>/dev/null || { sleep 1; rm -rf -- "$folder"; }`;

/**
 * Becomes the program once it is told to: when the guard knows its group. When we are killed before that, its
 * input ends, and so does it.
 */
const STARTER = `read -r go && exec "$@" </dev/null`;

/** workerd waits for its clients to leave, which may be never. */
const STOP_GRACE_MS = 500;

const QUIET = ["ignore", "ignore", "ignore"] as const;

export type StartOptions = SpawnOptions & {
  /** It is expected to end by itself. */
  readonly isBrief?: boolean;
};

export class Groups {
  /** For everything that the processes write; it goes with the last of them. */
  readonly folder: string;
  readonly #guard: ChildProcess;
  readonly #children = new Set<ChildProcess>();
  readonly #ending = new Set<ChildProcess>();
  readonly #deaths: string[] = [];

  private constructor(guard: ChildProcess, folder: string) {
    this.#guard = guard;
    this.folder = folder;
  }

  static async open(): Promise<Groups> {
    const guard = spawn("/bin/sh", ["-c", GUARD, "sh", tmpdir()], {
      detached: true, // Ctrl-C must not reach it before its work is done
      stdio: ["pipe", "pipe", "ignore"],
    });
    guard.stdin?.on("error", () => undefined);
    return new Groups(guard, await firstLine(guard));
  }

  /** What ended without being asked to, in words. */
  get deaths(): readonly string[] {
    return this.#deaths;
  }

  /** Starts a program as the leader of a group; its input is empty. */
  start(
    program: string,
    args: readonly string[],
    { isBrief = false, ...options }: StartOptions,
  ): ChildProcess {
    const [, ...others] = Array.isArray(options.stdio) ? options.stdio : QUIET;
    const stdio: StdioOptions = ["pipe", ...others];
    const child: ChildProcess = spawn("/bin/sh", ["-c", STARTER, "sh", program, ...args], {
      ...options,
      detached: true,
      stdio,
    });
    if (child.pid === undefined) return child; // it did not start, and says so
    child.stdin?.on("error", () => undefined);
    this.#children.add(child);
    this.#tell("+", child, () => child.stdin?.end("go\n"));
    child.once("exit", (code, signal) => {
      this.#children.delete(child);
      const isExpected = this.#ending.delete(child) || isBrief;
      if (!isExpected) this.#deaths.push(`${program} ended with ${code ?? signal}`);
      this.#tell("-", child);
    });
    return child;
  }

  /** SIGTERM, and SIGKILL after a moment. */
  async stop(child: ChildProcess): Promise<void> {
    const timer = setTimeout(() => signalGroup(child, "SIGKILL"), STOP_GRACE_MS);
    await this.#end(child, "SIGTERM");
    clearTimeout(timer);
  }

  /** SIGKILL: what a crash looks like. */
  kill(child: ChildProcess): Promise<void> {
    return this.#end(child, "SIGKILL");
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#children].map((child) => this.stop(child)));
  }

  /** Ends what still runs and removes the folder. */
  async close(): Promise<void> {
    await this.stopAll();
    const gone = once(this.#guard, "exit");
    this.#guard.stdin?.end();
    await gone;
  }

  async #end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    if (!this.#children.has(child)) return;
    this.#ending.add(child);
    const gone = once(child, "exit");
    signalGroup(child, signal);
    await gone;
  }

  /** `told` is called once the pipe has it: from then on the guard hears of it, whatever becomes of us. */
  #tell(sign: "+" | "-", { pid }: ChildProcess, told: () => void = () => undefined): void {
    this.#guard.stdin?.write(`${sign} ${pid}\n`, told);
  }
}

/** What a child says first. Rejects when it ends instead. */
function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((done, failed) => {
    let said = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (said.endsWith("\n")) done(said.trimEnd());
    });
    child.once("error", failed);
    child.once("exit", () => failed(new Error(`no folder can be made in ${tmpdir()}`)));
  });
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
