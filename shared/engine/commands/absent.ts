/** What a redis-server does and a node does not. Known, so that the answer is why not, and what to do instead. */
import { type Reply, ReplyError } from "../../resp/reply.ts";
import { type Command, command, type Flag, type Handler, keys, NO_KEYS } from "../command.ts";
import { helpRow } from "./help.ts";

const ADMIN: readonly Flag[] = ["admin", "noscript"];
const LOADS: readonly Flag[] = [...ADMIN, "no_async_loading"];

/** Redis's own words where modules are not allowed, as is its default. */
const NO_MODULES =
  "ERR MODULE command not allowed. If the enable-module-command option is set to " +
  '"local", you can run it from a local connection, otherwise you need to set this option in the ' +
  "configuration file, and then restart the server.";

const MODULE_HELP = `
LIST
    Return a list of loaded modules.
LOAD <path> [<arg> ...]
    Load a module library from <path>, passing to it any optional arguments.
LOADEX <path> [[CONFIG NAME VALUE] [CONFIG NAME VALUE]] [ARGS ...]
    Load a module library from <path>, while passing it module configurations and optional arguments.
UNLOAD <name>
    Unload a module.`;

export const ABSENT_COMMANDS: readonly Command[] = [
  command(
    "failover",
    -1,
    [...ADMIN, "stale"],
    NO_KEYS,
    refuse(
      "ERR FAILOVER is refused: wait until the replica has the master's offset (WAIT, INFO), then " +
        "REPLICAOF NO ONE at the replica and REPLICAOF at the master",
    ),
  ),
  command(
    "migrate",
    -6,
    ["write", "movablekeys"],
    [
      ...keys("RW access delete", 3),
      {
        flags: ["RW", "access", "delete", "incomplete"],
        begin: { keyword: "KEYS", from: -2 },
        find: { last: -1, step: 1, limit: 0 },
      },
    ],
    refuse("ERR MIGRATE is refused: move keys by DUMP and RESTORE, a data set by REPLICAOF"),
    { categories: ["keyspace", "dangerous"], tips: ["nondeterministic_output"] },
  ),
  command("module", -2, [], NO_KEYS, refuse(NO_MODULES), {
    subcommands: [
      helpRow("module", MODULE_HELP),
      command("module|list", 2, ADMIN, NO_KEYS, (): Reply => [], {
        tips: ["nondeterministic_output_order"],
      }),
      command("module|load", -3, LOADS, NO_KEYS, refuse(NO_MODULES)),
      command("module|loadex", -3, LOADS, NO_KEYS, refuse(NO_MODULES)),
      command("module|unload", 3, LOADS, NO_KEYS, refuse(NO_MODULES)),
    ],
  }),
];

function refuse(why: string): Handler {
  return () => {
    throw new ReplyError(why);
  };
}
