// Random command lines on ACL, COMMAND and LATENCY that leave the server as it is: users would stay there
// beyond a program. Programs of their own are in acl-programs.ts.

import type { Draw, Maker } from "../random-commands.ts";

const REQUESTS = [
  ["GET", "a"],
  ["SET", "a", "b", "GET"],
  ["MGET", "a", "b"],
  ["CONFIG", "GET", "x"],
  ["BITFIELD", "a", "SET", "u8", "0", "1"],
  ["SORT", "a", "STORE", "b"],
  ["ZUNIONSTORE", "a", "2", "b", "c"],
  ["LMPOP", "1", "a", "LEFT"],
  ["XREAD", "STREAMS", "a", "b", "0", "0"],
  ["PUBLISH", "a", "b"],
  ["MEMORY", "USAGE", "a"],
  ["GET"],
  ["NOSUCH", "a"],
  ["CONFIG", "NOSUCH"],
];
const ACL_FORMS = [
  "WHOAMI",
  "USERS",
  "LIST",
  "LOAD",
  "SAVE",
  "NOSUCH",
  "CAT",
  "SETUSER",
  "DELUSER",
];
const NAMES = ["default", "nobody", "", "Default"];
const PASSWORDS = ["x", "", "\x00\xff"];
const BITS = ["0", "-1", "4097", "x", ""];
const COMMAND_FORMS = ["GETKEYS", "GETKEYSANDFLAGS", "INFO", "LIST", "NOSUCH"];
const LATENCY_FORMS = ["GRAPH", "HISTORY", "LATEST", "NOSUCH"];

export const MAKERS: readonly Maker[] = [
  (d) => ["ACL", d.of(ACL_FORMS)],
  (d) => ["ACL", "GETUSER", d.of(NAMES)],
  (d) => ["ACL", "DRYRUN", d.of(NAMES), ...d.of(REQUESTS)],
  (d) => ["ACL", "GENPASS", d.of(BITS)],
  (d) => ["ACL", "CAT", d.of(["nosuch", "", "TRANSACTIONS"])],
  (d) => ["ACL", "SETUSER", "new", d.of(["nonsense", "+nosuch", "(a", "~a b", "#x", "+get|"])],
  (d) => ["AUTH", ...d.some(1, () => [d.of(NAMES)]), d.of(PASSWORDS)],
  (d) => ["COMMAND", d.of(COMMAND_FORMS.slice(0, 2)), ...d.of(REQUESTS)],
  (d) => ["COMMAND", d.of(COMMAND_FORMS.slice(3)), d.of(["FILTERBY", "x"]), ...filter(d)],
  (d) => ["COMMAND", "LIST", "FILTERBY", ...filter(d)],
  (d) => ["LATENCY", d.of(LATENCY_FORMS), ...d.some(1, () => ["nosuch"])],
  () => ["LATENCY", "HISTOGRAM", "nosuch"],
];

function filter(d: Draw): readonly string[] {
  if (d.chance(0.3)) return d.of([["MODULE", "x"], ["NOSUCH", "x"], ["PATTERN"], ["ACLCAT", "x"]]);
  return ["PATTERN", d.of(["nosuch*", "GETRANGE", "g?t", "conf*|get", "HGET"])];
}
