// Rows say of each command what redis-server 7.0.15 says: the fixture is its COMMAND, made and checked
// by test/net/command-info.test.ts.

import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { type CommandInfo, infoOfRow } from "../support/command-info.ts";
import { DATA_COMMANDS } from "../support/engine.ts";

const FIXTURE = new URL("../fixtures/command-info.json", import.meta.url);
const INFOS = JSON.parse(readFileSync(FIXTURE, "utf8")) as CommandInfo[];
const BY_NAME = new Map(
  INFOS.flatMap((info) => [info, ...info.subcommands]).map((info) => [info.name, info]),
);

describe("a row equals COMMAND INFO", () => {
  it.each(DATA_COMMANDS.flatMap((row) => [row, ...row.subcommands.values()]))("$name", (row) => {
    const { subcommands, ...info } = BY_NAME.get(row.name)!;
    expect(infoOfRow(row)).toEqual(info);
    const names = subcommands.map(({ name }) => name);
    expect([...row.subcommands.values()].map(({ name }) => name).toSorted()).toEqual(names);
  });
});
