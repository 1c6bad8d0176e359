/** MONITOR: shows every command to the sessions that asked, in Redis's format. */
import { Status } from "../resp/reply.ts";
import type { Command } from "./command.ts";
import type { Context } from "./context.ts";

/** Commands that carry secrets, or are of no interest, are left out by their flags, as in Redis. */
export function feedMonitors(cx: Context, command: Command, args: readonly string[]): void {
  if (command.flags.has("skip_monitor") || command.flags.has("admin")) return;
  const seconds = (cx.nowMs / 1000).toFixed(6);
  const shown = args.map((arg) => `"${escape(arg)}"`).join(" ");
  const line = new Status(`${seconds} [${cx.session.db} ${cx.session.address}] ${shown}`);
  for (const monitor of cx.engine.monitors) cx.engine.ports.push(monitor, line);
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\x07": "\\a",
  "\b": "\\b",
  '"': '\\"',
  "\\": "\\\\",
};

/** Bytes as sdscatrepr shows them: printable ASCII as it is, the rest escaped. */
export function escape(binary: string): string {
  return binary.replace(/[^\x20-\x7e]|["\\]/g, (char) => {
    return ESCAPES[char] ?? "\\x" + char.charCodeAt(0).toString(16).padStart(2, "0");
  });
}
