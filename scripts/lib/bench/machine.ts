// What the figures were measured on.

import { spawnSync } from "node:child_process";
import { cpus, totalmem } from "node:os";
import workerd from "workerd";

/** Facts that explain figures, by name. */
export function machineNow(): Record<string, string> {
  const processors = cpus();
  return {
    processors: `${processors.length} × ${processors[0]?.model.trim() ?? "unknown"}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
    redis: firstLine("redis-server", "--version").replace(/^.* v=(\S+) .*$/, "$1"),
    workerd: firstLine(workerd.default, "--version").replace(/^workerd /, ""),
    node: process.version,
  };
}

function firstLine(program: string, ...args: string[]): string {
  const { stdout } = spawnSync(program, args, { encoding: "utf8", timeout: 10_000 });
  return stdout.split("\n", 1)[0] ?? "";
}
