// Process groups that cannot outlive us, whichever way we end, and a folder for their files.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/**
 * Is told of each group that starts (`+ number`) and has ended (`- number`). When its input ends, because we
 * closed it or because we were killed, it kills the groups that are left and removes the folder.
 */
const GUARD = `
groups=
while read -r sign group; do
  kept=
  for each in $groups; do [ "$each" = "$group" ] || kept="$kept $each"; done
  groups=$kept
  [ "$sign" = - ] || groups="$groups $group"
done
for group in $groups; do kill -s KILL -- "-$group"; done 2>/dev/null
rm -rf -- "$1" 2>/dev/null || { sleep 1; rm -rf -- "$1"; }`;

/** workerd waits for its clients to leave, which may be never. */
const STOP_GRACE_MS = 500;

export class Groups {
  /** For everything that the processes write; it goes with the last of them. */
  readonly folder: string;
  readonly #guard: ChildProcess;
  readonly #children = new Set<ChildProcess>();
  readonly #ending = new Set<ChildProcess>();
  readonly #deaths: string[] = [];

  private constructor(folder: string) {
    this.folder = folder;
    this.#guard = spawn("/bin/sh", ["-c", GUARD, "sh", folder], {
      detached: true, // Ctrl-C must not reach it before its work is done
      stdio: ["pipe", "ignore", "ignore"],
    });
    this.#guard.stdin?.on("error", () => undefined);
  }

  static async open(): Promise<Groups> {
    return new Groups(await mkdtemp(path.join(tmpdir(), "antipode-bench-")));
  }

  /** What ended without being asked to, in words. */
  get deaths(): readonly string[] {
    return this.#deaths;
  }

  /** Takes care of a child that was started with `detached`, so that it leads a group. */
  add(child: ChildProcess, name: string): void {
    if (child.pid === undefined) return; // it did not start
    this.#children.add(child);
    this.#tell("+", child);
    child.once("exit", (code, signal) => {
      this.#children.delete(child);
      if (!this.#ending.delete(child)) this.#deaths.push(`${name} ended with ${code ?? signal}`);
      this.#tell("-", child);
    });
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

  #tell(sign: "+" | "-", { pid }: ChildProcess): void {
    if (pid !== undefined) this.#guard.stdin?.write(`${sign} ${pid}\n`);
  }
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
