/** The first line of a script or library: `#!lua name=… flags=no-writes,allow-stale`. */
import { ReplyError } from "../../resp/reply.ts";

/** What a script promises or asks for; the last is Upstash's, and has no effect here. */
export const SCRIPT_FLAGS = [
  "no-writes",
  "allow-oom",
  "allow-stale",
  "no-cluster",
  "allow-cross-slot-keys",
  "allow-key-locking",
] as const;

export type ScriptFlag = (typeof SCRIPT_FLAGS)[number];

/** The flags of a script without a header: undefined. The code keeps its line numbers. */
export function parseHeader(body: string): {
  flags: ReadonlySet<ScriptFlag> | undefined;
  code: string;
} {
  if (!body.startsWith("#!")) return { flags: undefined, code: body };
  const end = body.indexOf("\n");
  if (end < 0) throw new ReplyError("ERR Invalid script shebang");
  const [engine = "", ...options] = body.slice(0, end).split(/\s+/);
  if (engine !== "#!lua")
    throw new ReplyError(`ERR Unexpected engine in script shebang: ${engine}`);
  const flags = new Set<ScriptFlag>();
  for (const option of options) {
    if (option === "") continue;
    if (!option.startsWith("flags=")) {
      throw new ReplyError(`ERR Unknown lua shebang option: ${option}`);
    }
    for (const name of option.slice("flags=".length).split(",")) {
      if (name === "") continue;
      const flag = SCRIPT_FLAGS.find((known) => known === name);
      if (flag === undefined)
        throw new ReplyError(`ERR Unexpected flag in script shebang: ${name}`);
      flags.add(flag);
    }
  }
  return { flags, code: body.slice(end) };
}
