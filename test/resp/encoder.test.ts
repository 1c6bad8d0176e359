import { describe, expect, test } from "vitest";

import { encodeCommand, encodeReply } from "../../shared/resp/encoder.ts";
import {
  BigNumber,
  Bool,
  Double,
  MapReply,
  NIL_ARRAY,
  NO_REPLY,
  OK,
  PONG,
  Push,
  type Reply,
  ReplyError,
  SetReply,
  Status,
  Verbatim,
} from "../../shared/resp/reply.ts";

describe("a reply", () => {
  const ROWS: readonly (readonly [string, Reply, string, string])[] = [
    ["OK", OK, "+OK\r\n", "+OK\r\n"],
    ["a status", PONG, "+PONG\r\n", "+PONG\r\n"],
    ["a status of lines", new Status("a\r\nb"), "+a  b\r\n", "+a  b\r\n"],
    ["an error", new ReplyError("ERR x"), "-ERR x\r\n", "-ERR x\r\n"],
    ["an error of lines", new ReplyError("E a\r\nb\r\n"), "-E a  b\r\n", "-E a  b\r\n"],
    ["a string", "abc", "$3\r\nabc\r\n", "$3\r\nabc\r\n"],
    ["bytes", "\r\n\0\xff", "$4\r\n\r\n\0\xff\r\n", "$4\r\n\r\n\0\xff\r\n"],
    ["no bytes", "", "$0\r\n\r\n", "$0\r\n\r\n"],
    [
      "a long string",
      "x".repeat(2000),
      `$2000\r\n${"x".repeat(2000)}\r\n`,
      `$2000\r\n${"x".repeat(2000)}\r\n`,
    ],
    ["an integer", 12, ":12\r\n", ":12\r\n"],
    ["a large integer", 9007199254740991, ":9007199254740991\r\n", ":9007199254740991\r\n"],
    ["a negative integer", -5, ":-5\r\n", ":-5\r\n"],
    ["an int64", 2n ** 63n - 1n, ":9223372036854775807\r\n", ":9223372036854775807\r\n"],
    ["nil", null, "$-1\r\n", "_\r\n"],
    ["the nil array", NIL_ARRAY, "*-1\r\n", "_\r\n"],
    [
      "an array",
      ["a", 1, null, []],
      "*4\r\n$1\r\na\r\n:1\r\n$-1\r\n*0\r\n",
      "*4\r\n$1\r\na\r\n:1\r\n_\r\n*0\r\n",
    ],
    ["a map", new MapReply(["a", 1]), "*2\r\n$1\r\na\r\n:1\r\n", "%1\r\n$1\r\na\r\n:1\r\n"],
    ["a set", new SetReply(["a"]), "*1\r\n$1\r\na\r\n", "~1\r\n$1\r\na\r\n"],
    ["a push", new Push(["a", null]), "*2\r\n$1\r\na\r\n$-1\r\n", ">2\r\n$1\r\na\r\n_\r\n"],
    ["a double", new Double(0.1), "$19\r\n0.10000000000000001\r\n", ",0.10000000000000001\r\n"],
    ["infinity", new Double(Infinity), "$3\r\ninf\r\n", ",inf\r\n"],
    ["minus infinity", new Double(-Infinity), "$4\r\n-inf\r\n", ",-inf\r\n"],
    ["not a number", new Double(NaN), "$3\r\nnan\r\n", ",nan\r\n"],
    ["true", new Bool(true), ":1\r\n", "#t\r\n"],
    ["false", new Bool(false), ":0\r\n", "#f\r\n"],
    ["a big number", new BigNumber("123"), "$3\r\n123\r\n", "(123\r\n"],
    ["text", new Verbatim("txt", "a\nb"), "$3\r\na\nb\r\n", "=7\r\ntxt:a\nb\r\n"],
    ["no reply", NO_REPLY, "", ""],
  ];

  test.each(ROWS)("that is %s has its form in RESP2 and in RESP3", (_, reply, resp2, resp3) => {
    expect(encodeReply(reply, 2)).toBe(resp2);
    expect(encodeReply(reply, 3)).toBe(resp3);
  });
});

describe("a command", () => {
  test("is an array of bulk strings", () => {
    expect(encodeCommand(["SET", "k", "\r\n"])).toBe(
      "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\n\r\n\r\n",
    );
  });
});
