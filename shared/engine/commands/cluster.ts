/** What only a Redis Cluster node does. Known, so that the answer is why not, and refused. */
import { ReplyError } from "../../resp/reply.ts";
import { type Command, command, type Flag, NO_KEYS } from "../command.ts";

const FAST: readonly Flag[] = ["loading", "stale", "fast"];
const CONNECTION = { categories: ["connection"] };
const VARIES = "nondeterministic_output";

const READ: readonly Flag[] = ["stale"];
const ADMIN: readonly Flag[] = ["admin", "stale"];
const CHANGE: readonly Flag[] = ["admin", "stale", "no_async_loading"];

const SUBCOMMANDS: readonly [name: string, arity: number, flags: readonly Flag[], tip?: string][] =
  [
    ["addslots", -3, CHANGE],
    ["addslotsrange", -4, CHANGE],
    ["bumpepoch", 2, CHANGE, VARIES],
    ["count-failure-reports", 3, ADMIN, VARIES],
    ["countkeysinslot", 3, READ],
    ["delslots", -3, CHANGE],
    ["delslotsrange", -4, CHANGE],
    ["failover", -2, CHANGE],
    ["flushslots", 2, CHANGE],
    ["forget", 3, CHANGE],
    ["getkeysinslot", 4, READ, VARIES],
    ["help", 2, ["loading", "stale"]],
    ["info", 2, READ, VARIES],
    ["keyslot", 3, READ],
    ["links", 2, READ, VARIES],
    ["meet", -4, CHANGE],
    ["myid", 2, READ],
    ["nodes", 2, READ, VARIES],
    ["replicas", 3, ADMIN, VARIES],
    ["replicate", 3, CHANGE],
    ["reset", -2, ["admin", "noscript", "stale"]],
    ["saveconfig", 2, CHANGE],
    ["set-config-epoch", 3, CHANGE],
    ["setslot", -4, CHANGE],
    ["shards", 2, READ, VARIES],
    ["slaves", 3, ADMIN, VARIES],
    ["slots", 2, READ, VARIES],
  ];

export const CLUSTER_COMMANDS: readonly Command[] = [
  command("asking", 1, ["fast"], NO_KEYS, refuse, CONNECTION),
  command("cluster", -2, [], NO_KEYS, refuse, {
    subcommands: SUBCOMMANDS.map(([name, arity, flags, tip]) => {
      const tips = tip === undefined ? [] : [tip];
      return command(`cluster|${name}`, arity, flags, NO_KEYS, refuse, { tips });
    }),
  }),
  command("readonly", 1, FAST, NO_KEYS, refuse, CONNECTION),
  command("readwrite", 1, FAST, NO_KEYS, refuse, CONNECTION),
];

function refuse(): never {
  throw new ReplyError("ERR This instance has cluster support disabled");
}
