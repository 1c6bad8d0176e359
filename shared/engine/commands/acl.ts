/** ACL: who may log in, and what they may do. https://redis.io/commands/?group=server&name=acl */
import { parseInteger } from "../../base/numbers.ts";
import { fail } from "../../resp/errors.ts";
import { Double, OK, type Reply, ReplyError, SetReply } from "../../resp/reply.ts";
import { denialOf } from "../acl/check.ts";
import {
  commandRules,
  describeChannels,
  describeKeys,
  describeUser,
  flagsOf,
} from "../acl/describe.ts";
import type { Selector } from "../acl/user.ts";
import { CATEGORIES, categoriesOf } from "../categories.ts";
import { type Command, command, type Flag, type Handler, NO_KEYS, takesCount } from "../command.ts";
import type { Context } from "../context.ts";
import { helpRow, wrongUse } from "./help.ts";
import { mapOf } from "./map-of.ts";

const PLAIN: readonly Flag[] = ["noscript", "loading", "stale"];
const ADMIN: readonly Flag[] = ["admin", ...PLAIN];

const HELP = `
CAT [<category>]
    List all commands that belong to <category>, or all command categories
    when no category is specified.
DELUSER <username> [<username> ...]
    Delete a list of users.
DRYRUN <username> <command> [<arg> ...]
    Returns whether the user can execute the given command without executing the command.
GETUSER <username>
    Get the user's details.
GENPASS [<bits>]
    Generate a secure 256-bit user password. The optional \`bits\` argument can
    be used to specify a different size.
LIST
    Show users details in config file format.
LOAD
    Reload users from the ACL file.
LOG [<count> | RESET]
    Show the ACL log entries.
SAVE
    Save the current config to the ACL file.
SETUSER <username> <attribute> [<attribute> ...]
    Create or modify a user with the specified attributes.
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
      row("deluser", -3, ADMIN, (cx, args) => cx.engine.acl.deleteUsers(args.slice(2), cx.session)),
      row("dryrun", -4, ADMIN, dryRun),
      row("genpass", -2, PLAIN, generatePassword),
      row("getuser", 3, ADMIN, getUser),
      helpRow("acl", HELP),
      row("list", 2, ADMIN, list),
      row("load", 2, ADMIN, withoutFile),
      row("log", -2, ADMIN, log),
      row("save", 2, ADMIN, withoutFile),
      row("setuser", -3, ADMIN, setUser),
      row("users", 2, ADMIN, (cx) => cx.engine.acl.users.map(({ name }) => name)),
      row("whoami", 2, PLAIN, (cx) => cx.session.user),
    ],
  }),
];

function cat(cx: Context, args: readonly string[]): Reply {
  if (args.length > 3) throw wrongUse("acl", args[1]!);
  if (args.length === 2) return CATEGORIES;
  const category = args[2]!.toLowerCase();
  if (!CATEGORIES.includes(category)) {
    throw new ReplyError(`ERR Unknown category '${args[2]!.slice(0, 128)}'`);
  }
  return cx.engine.registry.all
    .flatMap((row) => [row, ...row.subcommands.values()])
    .filter((row) => categoriesOf(row).includes(category))
    .map(({ name }) => name);
}

// -- users ----------------------------------------------------------------------------------------

function setUser(cx: Context, args: readonly string[]): Reply {
  cx.engine.acl.setUser(args[2]!, args.slice(3), cx.session);
  return OK;
}

function list({ engine: { acl } }: Context): Reply {
  return acl.users.map((user) => `user ${user.name} ${describeUser(acl.catalog, user)}`);
}

function getUser(cx: Context, args: readonly string[]): Reply {
  const user = cx.engine.acl.user(args[2]!);
  if (user === undefined) return null;
  return mapOf([
    ["flags", new SetReply(flagsOf(user))],
    ["passwords", user.passwords],
    ...selectorFields(cx, user.root),
    ["selectors", user.selectors.map((selector) => mapOf(selectorFields(cx, selector)))],
  ]);
}

function selectorFields(cx: Context, selector: Selector): [name: string, value: string][] {
  return [
    ["commands", commandRules(cx.engine.acl.catalog, selector).join(" ")],
    ["keys", describeKeys(selector)],
    ["channels", describeChannels(selector)],
  ];
}

/** There is no file: users are durable as soon as they are set. */
function withoutFile(): Reply {
  throw new ReplyError(
    "ERR This Redis instance is not configured to use an ACL file. You may want to specify users " +
      "via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis " +
      "configuration file set) in order to store users in the Redis configuration.",
  );
}

function dryRun(cx: Context, args: readonly string[]): Reply {
  const { acl, registry } = cx.engine;
  const user = acl.user(args[2]!);
  if (user === undefined) throw new ReplyError(`ERR User '${args[2]!}' not found`);
  const request = args.slice(3);
  const asked = registry.ofRequest(request);
  if (asked === undefined) throw new ReplyError(`ERR Command '${request[0]!}' not found`);
  if (!takesCount(asked, request.length)) {
    throw new ReplyError(`ERR wrong number of arguments for '${asked.name}' command`);
  }
  const denial = denialOf(acl.catalog, user, { command: asked, args: request });
  switch (denial?.what) {
    case undefined:
      return OK;
    case "command":
      return `This user has no permissions to run the '${asked.name}' command`;
    default:
      return `This user has no permissions to access the '${request[denial!.at]!}' ${denial!.what}`;
  }
}

const PASSWORD_BITS_MAX = 4096;

function generatePassword(cx: Context, args: readonly string[]): Reply {
  if (args.length > 3) throw wrongUse("acl", args[1]!);
  const bits = args.length === 2 ? 256 : parseInteger(args[2]!);
  if (bits === undefined) fail("notInteger");
  if (bits <= 0 || bits > PASSWORD_BITS_MAX) {
    throw new ReplyError(
      "ERR ACL GENPASS argument must be the number of bits for the output password, a positive " +
        `number up to ${PASSWORD_BITS_MAX}`,
    );
  }
  return cx.random.hex(Math.ceil(Number(bits) / 4));
}

// -- log ------------------------------------------------------------------------------------------

function log(cx: Context, args: readonly string[]): Reply {
  if (args.length > 3) throw wrongUse("acl", args[1]!);
  const { acl } = cx.engine;
  if (args[2]?.toLowerCase() === "reset") {
    acl.log.reset();
    return OK;
  }
  const count = args.length === 2 ? 10 : parseInteger(args[2]!);
  if (count === undefined) fail("notInteger");
  return acl.log.entries.slice(0, Math.max(Number(count), 0)).map((entry) => {
    const { reason, context, object, user, atMs, client } = entry;
    return mapOf([
      ["count", entry.count],
      ["reason", reason],
      ["context", context],
      ["object", object],
      ["username", user],
      ["age-seconds", new Double((cx.nowMs - atMs) / 1000)],
      ["client-info", client],
    ]);
  });
}
