/** ACL, as far as it goes with one user, `default`. https://redis.io/commands/acl-whoami */
import { fail } from "../../resp/errors.ts";
import { type Reply, ReplyError, SetReply } from "../../resp/reply.ts";
import { CATEGORIES, categoriesOf } from "../categories.ts";
import { type Command, command, type Flag, type Handler, NO_KEYS } from "../command.ts";
import type { Context } from "../context.ts";
import { isOpen } from "./connection.ts";
import { helpRow, wrongUse } from "./help.ts";
import { mapOf } from "./map-of.ts";

const PLAIN: readonly Flag[] = ["noscript", "loading", "stale"];
const ADMIN: readonly Flag[] = ["admin", ...PLAIN];

const HELP = `
CAT [<category>]
    List all commands that belong to <category>, or all command categories
    when no category is specified.
GETUSER <username>
    Get the user's details.
LIST
    Show users details in config file format.
USERS
    List all the registered usernames.
WHOAMI
    Return the current connection username.`;

function row(name: string, arity: number, flags: readonly Flag[], handler: Handler): Command {
  return command(`acl|${name}`, arity, flags, NO_KEYS, handler);
}

export const ACL_COMMANDS: readonly Command[] = [
  command("acl", -2, [], NO_KEYS, () => fail("syntax"), {
    subcommands: [
      row("cat", -2, PLAIN, cat),
      row("getuser", 3, ADMIN, getUser),
      helpRow("acl", HELP),
      row("list", 2, ADMIN, list),
      row("users", 2, ADMIN, () => ["default"]),
      row("whoami", 2, PLAIN, (cx) => cx.session.user),
    ],
  }),
];

function cat(cx: Context, args: readonly string[]): Reply {
  if (args.length > 3) throw wrongUse("acl", args[1]!);
  if (args.length === 2) return CATEGORIES;
  const category = args[2]!.toLowerCase();
  if (!CATEGORIES.includes(category)) {
    throw new ReplyError(`ERR Unknown category '${args[2]!}'`);
  }
  return cx.engine.registry.all
    .flatMap((row) => (row.subcommands.size > 0 ? [row, ...row.subcommands.values()] : [row]))
    .filter((row) => categoriesOf(row).includes(category))
    .map(({ name }) => name);
}

/** The password is not shown, not even as a hash: it is `requirepass`, and CONFIG GET shows it. */
function list(cx: Context): Reply {
  const flags = isOpen(cx.engine) ? "nopass " : "";
  return [`user default on ${flags}~* &* +@all`];
}

function getUser(cx: Context, args: readonly string[]): Reply {
  if (args[2] !== "default") return null;
  return mapOf([
    ["flags", new SetReply(isOpen(cx.engine) ? ["on", "nopass"] : ["on"])],
    ["passwords", []],
    ["commands", "+@all"],
    ["keys", "~*"],
    ["channels", "&*"],
    ["selectors", []],
  ]);
}
