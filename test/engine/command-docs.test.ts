// Commands say of themselves what those of redis-server 7.0.15 say: the fixture is its COMMAND DOCS, made
// and checked by test/net/command-docs.test.ts.

import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { docsOf } from "../../shared/engine/command-docs.ts";
import { parseArguments, parseDocs } from "../../shared/engine/docs/parse.ts";
import { ENGINE_COMMANDS } from "../../shared/engine/tables.ts";
import { plainDocs, sortedByName } from "../support/command-docs.ts";
import { engineHarness, throughCodec } from "../support/engine.ts";

type Entry = Record<string, unknown> & { subcommands?: Record<string, Entry> };

const FIXTURE = new URL("../fixtures/command-docs.json", import.meta.url);
const WANTED = JSON.parse(readFileSync(FIXTURE, "utf8")) as Record<string, Entry>;
const ROWS = ENGINE_COMMANDS.flatMap((row) => [row, ...row.subcommands.values()]);
const KNOWN = new Set(
  Object.entries(WANTED).flatMap(([name, entry]) => [
    name,
    ...Object.keys(entry.subcommands ?? {}),
  ]),
);
const NEWER = ROWS.filter(({ name }) => !KNOWN.has(name));

describe("COMMAND DOCS", () => {
  const client = throughCodec(engineHarness().connect());
  client.send(["HELLO", "3"]);
  const ours = plainDocs(client.send(["COMMAND", "DOCS"])) as Record<string, Entry>;

  it.each(Object.keys(ours).filter((name) => name in WANTED))("of %s is redis-server's", (name) => {
    const { subcommands: wantedSubs = {}, ...wanted } = WANTED[name]!;
    const { subcommands: subs = {}, ...own } = ours[name]!;
    expect(own).toEqual(wanted);
    const known = Object.entries(wantedSubs).filter(([sub]) => sub in subs);
    const shared = Object.fromEntries(Object.entries(subs).filter(([sub]) => sub in wantedSubs));
    expect(shared).toEqual(sortedByName(Object.fromEntries(known)));
  });

  it.each(ROWS)("of $name says what it is for", (row) => {
    const docs = docsOf(row);
    expect(docs.summary).not.toBe("");
    expect(docs.since).toMatch(/^\d+\.\d+\.\d+$/);
    expect(docs.group).not.toBe("");
  });

  it.each(NEWER)("of $name, which is newer, says what it takes", (row) => {
    expect(parseArguments(docsOf(row).arguments)).not.toEqual([]);
  });
});

describe("the text of docs", () => {
  it("has an entry a command, and what is said of it below", () => {
    const text = `
a 1.0.0
  summary Does it
old|one 2.0.0 deprecated 3.0.0
  summary Did it
  complexity O(1)
  replaced \`a\`
  history 2.1.0 Did more.
  history 2.2.0 Did less.
  arguments key:key
sys 1.0.0 syscmd
  summary Serves
`;
    expect(Object.fromEntries(parseDocs(text))).toMatchObject({
      a: { since: "1.0.0", summary: "Does it", isSystem: false, deprecatedSince: undefined },
      "old|one": {
        deprecatedSince: "3.0.0",
        complexity: "O(1)",
        replacedBy: "`a`",
        history: [
          ["2.1.0", "Did more."],
          ["2.2.0", "Did less."],
        ],
        arguments: "key:key",
      },
      sys: { isSystem: true },
    });
  });

  it("has arguments in arguments, with all that can be said of one", () => {
    const text =
      "ip:port:string key:key@0?*+^1.2.3!4.5.6=AT how:oneof ( all:pure-token== b:block )";
    expect(parseArguments(text)).toMatchObject([
      { name: "ip:port", type: "string", flags: [], token: undefined, keySpecIndex: undefined },
      {
        name: "key",
        type: "key",
        keySpecIndex: 0,
        flags: ["optional", "multiple", "multiple_token"],
        since: "1.2.3",
        deprecatedSince: "4.5.6",
        token: "AT",
      },
      {
        name: "how",
        arguments: [
          { name: "all", token: "=" },
          { name: "b", type: "block" },
        ],
      },
    ]);
    expect(parseArguments("none:pure-token=")).toMatchObject([{ token: "" }]);
    expect(parseArguments("")).toEqual([]);
  });
});
