import { describe, expect, test } from "vitest";

import { utf8ToBinary } from "../../shared/base/bytes.ts";
import { encodeReply } from "../../shared/resp/encoder.ts";
import { errorJson, JsonWriter } from "../../shared/resp/json.ts";
import {
  BigNumber,
  Bool,
  Double,
  MapReply,
  NIL_ARRAY,
  OK,
  PONG,
  type Reply,
  ReplyError,
  SetReply,
  Verbatim,
} from "../../shared/resp/reply.ts";

function writer(isBase64: boolean, ...replies: readonly Reply[]): JsonWriter {
  return new JsonWriter(replies.map((reply) => encodeReply(reply, 2)).join(""), { isBase64 });
}

describe("a reply in JSON", () => {
  const ROWS: readonly (readonly [string, Reply, unknown, unknown])[] = [
    ["OK", OK, "OK", "OK"],
    ["OK in an array", [OK], ["OK"], ["T0s="]],
    ["OK as a value", "OK", "OK", "T0s="],
    ["a status", PONG, "PONG", "UE9ORw=="],
    ["text", utf8ToBinary("grün"), "grün", "Z3LDvG4="],
    ["text to be escaped", '"\\\n(', '"\\\n(', "IlwKKA=="],
    ["no text", "", "", ""],
    ["bytes", "\xff\x00a", "\ufffd\0a", "/wBh"],
    ["line ends", "a\r\n$3\r\nb", "a\r\n$3\r\nb", "YQ0KJDMNCmI="],
    ["an integer", -7, -7, -7],
    ["the largest safe integer", 2 ** 53 - 1, 2 ** 53 - 1, 2 ** 53 - 1],
    ["an integer that would be rounded", 2n ** 53n + 1n, "9007199254740993", "9007199254740993"],
    ["a large integer", 2n ** 63n - 1n, "9223372036854775807", "9223372036854775807"],
    ["a small bigint", 5n, 5, 5],
    ["nil", null, null, null],
    ["the nil array", NIL_ARRAY, null, null],
    ["a double", new Double(1.5), "1.5", "MS41"],
    ["infinity", new Double(Infinity), "inf", "aW5m"],
    ["true", new Bool(true), 1, 1],
    ["false", new Bool(false), 0, 0],
    ["a big number", new BigNumber("12"), "12", "MTI="],
    ["verbatim text", new Verbatim("txt", "a"), "a", "YQ=="],
    ["an empty array", [], [], []],
    ["an array", ["a", [1, null]], ["a", [1, null]], ["YQ==", [1, null]]],
    ["a map", new MapReply(["a", ["b"]]), ["a", ["b"]], ["YQ==", ["Yg=="]]],
    ["a set", new SetReply(["a"]), ["a"], ["YQ=="]],
    ["an error in an array", [new ReplyError("E a")], ["E a"], ["RSBh"]],
  ];

  test.each(ROWS)("that is %s is shaped as RESP2", (_, reply, plain, base64) => {
    expect(JSON.parse(writer(false, reply).outcome())).toEqual({ result: plain });
    expect(JSON.parse(writer(true, reply).outcome())).toEqual({ result: base64 });
  });

  test("that is an error says so, and is never base64", () => {
    for (const isBase64 of [false, true]) {
      const json = writer(isBase64, new ReplyError('ERR "gr\xc3\xbcn"')).outcome();
      expect(JSON.parse(json)).toEqual({ error: 'ERR "grün"' });
    }
    expect(JSON.parse(errorJson("ERR \\"))).toEqual({ error: "ERR \\" });
  });

  test("is well-formed for every byte there is, alone and in between", () => {
    for (let byte = 0; byte < 256; byte++) {
      const text = `a${String.fromCharCode(byte)}b`;
      const { result } = JSON.parse(writer(false, text).outcome()) as { result: string };
      expect(result).toBe(byte < 128 ? text : "a\ufffdb");
      const encoded = JSON.parse(writer(true, text).outcome()) as { result: string };
      expect(atob(encoded.result)).toBe(text);
    }
  });
});

describe("several replies", () => {
  test("are read one after the other, to the end", () => {
    const replies = writer(false, "a", [1, [2]], new ReplyError("ERR x"), null);
    const seen: unknown[] = [];
    while (!replies.isAtEnd) seen.push([replies.isAtError, JSON.parse(replies.outcome())]);
    expect(seen).toEqual([
      [false, { result: "a" }],
      [false, { result: [1, [2]] }],
      [true, { error: "ERR x" }],
      [false, { result: null }],
    ]);
  });

  test("of a transaction are outcomes each; one that did not run has none", () => {
    const items = writer(true, [OK, "a", new ReplyError("ERR x"), [OK]]).outcomes();
    expect(items?.map((item) => JSON.parse(item) as unknown)).toEqual([
      { result: "OK" },
      { result: "YQ==" },
      { error: "ERR x" },
      { result: ["T0s="] },
    ]);
    for (const reply of [NIL_ARRAY, new ReplyError("EXECABORT")]) {
      const replies = writer(false, reply);
      expect(replies.outcomes()).toBe(undefined);
      expect(replies.isAtEnd).toBe(false);
    }
  });

  test("that are cut off are a bug", () => {
    for (const text of ["$5\r\nab", ":1", "*2\r\n:1\r\n"]) {
      expect(() => new JsonWriter(text, { isBase64: false }).outcome()).toThrow("whole");
    }
  });
});
