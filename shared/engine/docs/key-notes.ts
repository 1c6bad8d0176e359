/** What COMMAND INFO remarks on the keys of a command, in the order of its key specs. Redis 7.0's words. */

const ANY_USE = (flags: string): string =>
  `We cannot tell how the keys will be used so we assume the worst, ${flags}`;
const BY_OR_GET =
  "For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from the " +
  "content of the key we sort";
const STORE =
  "For the optional STORE keyword. It is marked 'unknown' because the keyword can appear anywhere " +
  "in the argument array";

export const KEY_NOTES: ReadonlyMap<string, readonly string[]> = new Map([
  ["bitfield", ["This command allows both access and modification of the key"]],
  ["eval", [ANY_USE("RW and UPDATE")]],
  ["eval_ro", [ANY_USE("RO and ACCESS")]],
  ["fcall", [ANY_USE("RW and UPDATE")]],
  ["fcall_ro", [ANY_USE("RO and ACCESS")]],
  ["getex", ["RW and UPDATE because it changes the TTL"]],
  [
    "pfcount",
    ["RW because it may change the internal representation of the key, and propagate to replicas"],
  ],
  ["set", ["RW and ACCESS due to the optional `GET` argument"]],
  ["sort", ["", BY_OR_GET, STORE]],
  ["sort_ro", ["", BY_OR_GET]],
  ["xadd", ["UPDATE instead of INSERT because of the optional trimming feature"]],
]);
