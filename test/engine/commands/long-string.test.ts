// A long string that was written to in place answers as the same bytes do that were set as a whole.

import { expect, it } from "vitest";

import { LONG_STRING_BYTES, LongString } from "../../../shared/types/long-string.ts";
import { engineHarness } from "../../support/engine.ts";

const BYTES = `${"0123456789".repeat(LONG_STRING_BYTES / 8)}end`;
const FAR = `${BYTES.length * 2}`;

const COMMANDS: readonly (readonly string[])[] = [
  ["GET", "k"],
  ["MGET", "k", "none"],
  ["STRLEN", "k"],
  ["GETRANGE", "k", "2040", "-5"],
  ["SUBSTR", "k", "-9", "-1"],
  ["GETBIT", "k", "100003"],
  ["BITCOUNT", "k", "7", "-9", "BIT"],
  ["BITPOS", "k", "0", "3000"],
  ["BITFIELD_RO", "k", "GET", "u63", "16380"],
  ["BITOP", "NOT", "k", "k"],
  ["BITOP", "XOR", "to", "k", "none"],
  ["LCS", "k", "short", "LEN"],
  ["TYPE", "k"],
  ["OBJECT", "ENCODING", "k"],
  ["DUMP", "k"],
  ["DEBUG", "DIGEST-VALUE", "k"],
  ["SORT", "numbers", "BY", "nosort", "GET", "k*"],
  ["COPY", "k", "to"],
  ["RENAME", "k", "to"],
  ["MOVE", "k", "1"],
  ["APPEND", "k", "more"],
  ["SETRANGE", "k", "2047", "ab"],
  ["SETRANGE", "k", FAR, "ab"],
  ["SETBIT", "k", "16384", "0"],
  ["BITFIELD", "k", "SET", "u8", "16380", "255", "INCRBY", "i5", "3", "9"],
  ["INCR", "k"],
  ["INCRBYFLOAT", "k", "1"],
  ["PFADD", "k", "x"],
  ["LPUSH", "k", "x"],
  ["SET", "k", "short", "GET"],
  ["GETSET", "k", "short"],
  ["GETEX", "k", "PERSIST"],
  ["GETDEL", "k"],
  ["SETNX", "k", "x"],
  ["DEL", "k"],
];

/** What a command says of such a string, and what is left of it. */
function outcome(args: readonly string[], { isPaged }: { isPaged: boolean }): unknown {
  const { engine, connect, checkpoint } = engineHarness();
  const client = connect();
  client.send(["RPUSH", "numbers", ""]);
  client.send(["SET", "short", "539"]);
  client.send(["SET", "k", isPaged ? BYTES.slice(0, -3) : BYTES]);
  if (isPaged) client.send(["APPEND", "k", "end"]);
  const space = engine.keyspace.space(0);
  expect(engine.keyspace.find(space, "k")?.value instanceof LongString).toBe(isPaged);
  checkpoint();
  const reply = client.send(args);
  const left = ["k", "to"].map((key) => client.send(["DEBUG", "DIGEST-VALUE", key]));
  client.send(["SELECT", "1"]);
  return { reply, left, moved: client.send(["DEBUG", "DIGEST-VALUE", "k"]) };
}

it.each(COMMANDS.map((args) => ({ name: args.join(" "), args })))("to $name", ({ args }) => {
  expect(outcome(args, { isPaged: true })).toEqual(outcome(args, { isPaged: false }));
});
