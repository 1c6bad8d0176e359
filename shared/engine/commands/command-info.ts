/** COMMAND: the command table, described. https://redis.io/commands/command */
import { globMatch } from "../../base/glob.ts";
import { fail } from "../../resp/errors.ts";
import { MapReply, NIL_ARRAY, type Reply, ReplyError, SetReply, Status } from "../../resp/reply.ts";
import { CATEGORIES, categoriesOf } from "../categories.ts";
import { type Docs, docsOf } from "../command-docs.ts";
import {
  type Command,
  command,
  type Flag,
  type Handler,
  type KeySpec,
  NO_KEYS,
  takesCount,
} from "../command.ts";
import type { Context } from "../context.ts";
import { KEY_NOTES } from "../docs/key-notes.ts";
import { type DocsArgument, parseArguments } from "../docs/parse.ts";
import { findKeys, type KeyUse, legacyRange } from "../key-specs.ts";
import { helpRow } from "./help.ts";
import { mapOf } from "./map-of.ts";

const HELP = `
(no subcommand)
    Return details about all Redis commands.
COUNT
    Return the total number of commands in this Redis server.
LIST
    Return a list of all commands in this Redis server.
INFO [<command-name> ...]
    Return details about multiple Redis commands.
    If no command names are given, documentation details for all
    commands are returned.
DOCS [<command-name> ...]
    Return documentation details about multiple Redis commands.
    If no command names are given, documentation details for all
    commands are returned.
GETKEYS <full-command>
    Return the keys from a full Redis command.
GETKEYSANDFLAGS <full-command>
    Return the keys and the access flags from a full Redis command.`;

const FLAGS: readonly Flag[] = ["loading", "stale"];
const CONNECTION = { categories: ["connection"] };
const ANY_ORDER = { ...CONNECTION, tips: ["nondeterministic_output_order"] };

function row(name: string, arity: number, handler: Handler, extras = CONNECTION): Command {
  return command(`command|${name}`, arity, FLAGS, NO_KEYS, handler, extras);
}

export const COMMAND_COMMANDS: readonly Command[] = [
  command("command", -1, FLAGS, NO_KEYS, (cx) => cx.engine.registry.all.map(infoOf), {
    ...ANY_ORDER,
    subcommands: [
      row("count", 2, (cx) => cx.engine.registry.all.length),
      row("docs", -2, docs, ANY_ORDER),
      row("getkeys", -4, (cx, args) => keysAsked(cx, args).map(({ name }) => name)),
      row("getkeysandflags", -4, (cx, args) => {
        return keysAsked(cx, args).map(({ name, flags }) => [name, statuses(flags)]);
      }),
      helpRow("command", HELP, CONNECTION),
      row("info", -2, info, ANY_ORDER),
      row("list", -2, list, ANY_ORDER),
    ],
  }),
];

// -- INFO -----------------------------------------------------------------------------------------

function info(cx: Context, args: readonly string[]): Reply {
  if (args.length === 2) return cx.engine.registry.all.map(infoOf);
  return args.slice(2).map((name) => {
    const found = cx.engine.registry.named(name);
    return found === undefined ? NIL_ARRAY : infoOf(found);
  });
}

function infoOf(row: Command): Reply {
  return [
    row.name,
    row.arity,
    statuses(row.flags),
    ...legacyRange(row),
    statuses(categoriesOf(row).map((category) => `@${category}`)),
    new SetReply(row.tips),
    new SetReply(row.keySpecs.map((spec, i) => specReply(spec, KEY_NOTES.get(row.name)?.[i]))),
    // An array where there are some: so it is in Redis.
    row.subcommands.size === 0 ? new SetReply([]) : [...row.subcommands.values()].map(infoOf),
  ];
}

function statuses(words: Iterable<string>): SetReply {
  return new SetReply([...words].map((word) => new Status(word)));
}

function specReply({ flags, begin, find }: KeySpec, notes = ""): Reply {
  return mapOf([
    ...(notes === "" ? [] : [["notes", notes] as const]),
    ["flags", statuses(flags)],
    ["begin_search", beginReply(begin)],
    ["find_keys", findReply(find)],
  ]);
}

function beginReply(begin: KeySpec["begin"]): Reply {
  if (begin === "unknown") return typed("unknown", []);
  if ("at" in begin) return typed("index", ["index", begin.at]);
  return typed("keyword", ["keyword", begin.keyword, "startfrom", begin.from]);
}

function findReply(find: KeySpec["find"]): Reply {
  if (find === "unknown") return typed("unknown", []);
  if ("last" in find) {
    const { last, step, limit } = find;
    return typed("range", ["lastkey", last, "keystep", step, "limit", limit]);
  }
  const { numkeysAt, first, step } = find;
  return typed("keynum", ["keynumidx", numkeysAt, "firstkey", first, "keystep", step]);
}

function typed(type: string, spec: readonly Reply[]): Reply {
  return new MapReply(["type", type, "spec", new MapReply(spec)]);
}

// -- DOCS -----------------------------------------------------------------------------------------

function docs(cx: Context, args: readonly string[]): Reply {
  const names = args.slice(2);
  const rows =
    names.length === 0
      ? cx.engine.registry.all
      : names.flatMap((name) => cx.engine.registry.named(name) ?? []);
  return new MapReply(rows.flatMap((row) => [row.name, docsReply(row)]));
}

function docsReply(row: Command): Reply {
  const docs = docsOf(row);
  const { summary, since, group, complexity, replacedBy, deprecatedSince, history } = docs;
  const fields: Reply[] = ["summary", summary, "since", since, "group", group];
  if (complexity !== "") fields.push("complexity", complexity);
  const flags = docFlags(docs);
  if (flags.length > 0) fields.push("doc_flags", statuses(flags));
  if (deprecatedSince !== undefined) fields.push("deprecated_since", deprecatedSince);
  if (replacedBy !== undefined) fields.push("replaced_by", replacedBy);
  if (history.length > 0) fields.push("history", new SetReply(history));
  if (docs.arguments !== "") fields.push("arguments", parseArguments(docs.arguments).map(argument));
  if (row.subcommands.size > 0) {
    const subs = [...row.subcommands.values()].flatMap((sub) => [sub.name, docsReply(sub)]);
    fields.push("subcommands", new MapReply(subs));
  }
  return new MapReply(fields);
}

function docFlags({ isSystem, deprecatedSince }: Docs): string[] {
  const flags: string[] = [];
  if (deprecatedSince !== undefined) flags.push("deprecated");
  if (isSystem) flags.push("syscmd");
  return flags;
}

function argument(described: DocsArgument): Reply {
  const { name, type, keySpecIndex, token, since, deprecatedSince, flags } = described;
  const fields: Reply[] = ["name", name, "type", type];
  if (keySpecIndex !== undefined) fields.push("key_spec_index", keySpecIndex);
  if (token !== undefined) fields.push("token", token);
  if (since !== undefined) fields.push("since", since);
  if (deprecatedSince !== undefined) fields.push("deprecated_since", deprecatedSince);
  if (flags.length > 0) fields.push("flags", statuses(flags));
  if (described.arguments.length > 0) {
    fields.push("arguments", described.arguments.map(argument));
  }
  return new MapReply(fields);
}

// -- LIST -----------------------------------------------------------------------------------------

function list(cx: Context, args: readonly string[]): Reply {
  if (args.length === 2) return listed(cx, () => true);
  if (args.length !== 5 || args[2]!.toLowerCase() !== "filterby") fail("syntax");
  const wanted = args[4]!;
  switch (args[3]!.toLowerCase()) {
    case "aclcat": {
      const category = wanted.toLowerCase();
      if (!CATEGORIES.includes(category)) return [];
      return listed(cx, (row) => categoriesOf(row).includes(category));
    }
    case "module":
      return [];
    case "pattern":
      return listed(cx, ({ name }) => globMatch(wanted, name, { ignoreCase: true }));
    default:
      return fail("syntax");
  }
}

/** Names of rows and of their subcommands. */
function listed(cx: Context, isWanted: (row: Command) => boolean): string[] {
  return cx.engine.registry.all
    .flatMap((row) => [row, ...row.subcommands.values()])
    .filter(isWanted)
    .map(({ name }) => name);
}

// -- GETKEYS --------------------------------------------------------------------------------------

/** Scripts may be given no keys at all. */
const MAY_HAVE_NO_KEYS = new Set(["eval", "evalsha", "eval_ro", "evalsha_ro", "fcall", "fcall_ro"]);

function keysAsked(cx: Context, args: readonly string[]): readonly KeyUse[] {
  const request = args.slice(2);
  const found = cx.engine.registry.ofRequest(request);
  if (found === undefined) throw new ReplyError("ERR Invalid command specified");
  if (found.keySpecs.every(({ flags }) => flags.includes("not_key"))) {
    throw new ReplyError("ERR The command has no key arguments");
  }
  if (!takesCount(found, request.length)) {
    throw new ReplyError("ERR Invalid number of arguments specified for command");
  }
  const { keys, isWhole } = findKeys(found, request);
  if (isWhole && keys.length > 0) return keys;
  if (MAY_HAVE_NO_KEYS.has(found.name)) return [];
  throw new ReplyError("ERR Invalid arguments specified for command");
}
