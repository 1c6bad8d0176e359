// Rows say of each command what redis-server 7.0.15 says: the fixture is its COMMAND, made and checked
// by test/net/command-info.test.ts.

import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { type CommandInfo, infoOfRow } from "../support/command-info.ts";
import { ENGINE_COMMANDS } from "../../shared/engine/tables.ts";

const FIXTURE = new URL("../fixtures/command-info.json", import.meta.url);
const INFOS = JSON.parse(readFileSync(FIXTURE, "utf8")) as CommandInfo[];
const BY_NAME = new Map(
  INFOS.flatMap((info) => [info, ...info.subcommands]).map((info) => [info.name, info]),
);

const ROWS = ENGINE_COMMANDS.flatMap((row) => [row, ...row.subcommands.values()]);
/** What came with 7.2 to 8, and what is still to come; the second list is to be empty. */
const NEWER = new Set([
  "client|no-touch",
  "script|show",
  "client|setinfo",
  "hexpire",
  "hexpireat",
  "hexpiretime",
  "hgetdel",
  "hgetex",
  "hpersist",
  "hpexpire",
  "hpexpireat",
  "hpexpiretime",
  "hpttl",
  "hsetex",
  "httl",
  // With WITHSCORE, an argument more.
  "zrank",
  "zrevrank",
]);

/** Those that know the node (shared/replication/commands.ts). */
const OF_REPLICATION = ["psync", "replconf", "replicaof", "role", "slaveof", "sync", "wait"];

it("every command of redis-server has a row", () => {
  const names = new Set([...ROWS.map(({ name }) => name), ...OF_REPLICATION]);
  expect([...BY_NAME.keys()].filter((name) => !names.has(name))).toEqual([]);
});

describe("a row equals COMMAND INFO", () => {
  it.each(ROWS.filter(({ name }) => !NEWER.has(name)))("$name", (row) => {
    const { subcommands, ...info } = BY_NAME.get(row.name)!;
    expect(infoOfRow(row)).toEqual(info);
    const names = [...row.subcommands.values()].map(({ name }) => name);
    const old = names.filter((name) => !NEWER.has(name));
    expect(old.toSorted()).toEqual(subcommands.map(({ name }) => name));
  });
});
