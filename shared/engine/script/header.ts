/** The first line of a script or library: `#!lua name=… flags=no-writes,allow-stale`. */
import { ReplyError } from "../../resp/reply.ts";
import { splitArguments } from "../../resp/split-arguments.ts";

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

/** The first line of a library, and its code with the line left empty. */
export function parseLibraryHeader(code: string): { name: string; body: string } {
  if (!code.startsWith("#!")) throw new ReplyError("ERR Missing library metadata");
  const line = firstLine(code);
  const words = line === undefined ? undefined : splitArguments(line);
  if (words === undefined) throw new ReplyError("ERR Invalid library metadata");
  const [engine = "", ...options] = words;
  let name: string | undefined;
  for (const option of options) {
    if (!option.toLowerCase().startsWith("name=")) {
      throw new ReplyError(`ERR Invalid metadata value given: ${option}`);
    }
    if (name !== undefined) {
      throw new ReplyError("ERR Invalid metadata value, name argument was given multiple times");
    }
    name = option.slice("name=".length);
  }
  if (name === undefined) throw new ReplyError("ERR Library name was not given");
  if (!isName(name)) throw new ReplyError(BAD_NAME);
  if (engine.toLowerCase() !== "#!lua") {
    throw new ReplyError(`ERR Engine '${engine.slice(2)}' not found`);
  }
  return { name, body: code.slice(line!.length) };
}

/** Undefined: there is no end of it, or not before what ends a text in C. */
function firstLine(code: string): string | undefined {
  const end = code.indexOf("\n");
  const line = code.slice(0, end);
  return end < 0 || line.includes("\0") ? undefined : line;
}

/** Of a library or a function. */
export function isName(name: string): boolean {
  return /^[A-Za-z0-9_]+$/.test(name);
}

export const BAD_NAME =
  "ERR Library names can only contain letters, numbers, or underscores(_) and must be at least one " +
  "character long";

/** The flags of a script without a header: undefined. The code keeps its line numbers. */
export function parseHeader(body: string): {
  flags: ReadonlySet<ScriptFlag> | undefined;
  code: string;
} {
  if (!body.startsWith("#!")) return { flags: undefined, code: body };
  const line = firstLine(body);
  if (line === undefined) throw new ReplyError("ERR Invalid script shebang");
  const words = splitArguments(line);
  if (words === undefined) throw new ReplyError("ERR Invalid engine in script shebang");
  const [engine = "", ...options] = words;
  if (engine !== "#!lua") {
    throw new ReplyError(`ERR Unexpected engine in script shebang: ${engine}`);
  }
  const flags = new Set<ScriptFlag>();
  for (const option of options) {
    if (!option.startsWith("flags=")) {
      throw new ReplyError(`ERR Unknown lua shebang option: ${option}`);
    }
    const names = option.slice("flags=".length);
    for (const name of names === "" ? [] : names.split(",")) {
      const flag = SCRIPT_FLAGS.find((known) => known === name);
      if (flag === undefined)
        throw new ReplyError(`ERR Unexpected flag in script shebang: ${name}`);
      flags.add(flag);
    }
  }
  return { flags, code: body.slice(line.length) };
}
