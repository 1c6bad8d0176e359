// The command table of redis-server 7.0.15: our rows, and stand-ins for what we do not have; without what is
// newer. For what depends on the whole table, as ACL descriptions do.

import { readFileSync } from "node:fs";

import { type Command, command, type Flag, type KeySpec } from "../../shared/engine/command.ts";
import { ENGINE_COMMANDS } from "../../shared/engine/tables.ts";
import type { CommandInfo } from "./command-info.ts";

const FIXTURE = new URL("../fixtures/command-info.json", import.meta.url);

export function redisTable(): Command[] {
  const infos = JSON.parse(readFileSync(FIXTURE, "utf8")) as CommandInfo[];
  const ours = new Map(
    ENGINE_COMMANDS.flatMap((row) => [row, ...row.subcommands.values()]).map((row) => [
      row.name,
      row,
    ]),
  );
  return infos.map((info) => rowOf(info, ours));
}

function rowOf(info: CommandInfo, ours: ReadonlyMap<string, Command>): Command {
  const row = ours.get(info.name);
  const { tips } = info;
  const subcommands = info.subcommands.map((sub) => rowOf(sub, ours));
  if (row !== undefined) {
    const { name, flags, keySpecs, handler, categories } = row;
    return command(name, info.arity, [...flags], keySpecs, handler, {
      categories,
      tips,
      subcommands,
    });
  }
  const categories = info.categories.map((category) => category.slice(1));
  const specs = info.keySpecs.map(specOf);
  return command(info.name, info.arity, info.flags as Flag[], specs, () => 0, {
    categories,
    tips,
    subcommands,
  });
}

/** As `infoOfRow` shows it, read back. */
function specOf(shown: Readonly<Record<string, unknown>>): KeySpec {
  const { flags, begin_search, find_keys } = shown as unknown as {
    flags: string[];
    begin_search: { type: string; spec: { index: number; keyword: string; startfrom: number } };
    find_keys: {
      type: string;
      spec: Record<"lastkey" | "keystep" | "limit" | "keynumidx" | "firstkey", number>;
    };
  };
  const { spec: begin } = begin_search;
  const { spec: find } = find_keys;
  return {
    flags,
    begin:
      begin_search.type === "index"
        ? { at: begin.index }
        : begin_search.type === "keyword"
          ? { keyword: begin.keyword, from: begin.startfrom }
          : "unknown",
    find:
      find_keys.type === "range"
        ? { last: find.lastkey, step: find.keystep, limit: find.limit }
        : find_keys.type === "keynum"
          ? { numkeysAt: find.keynumidx, first: find.firstkey, step: find.keystep }
          : "unknown",
  };
}
