import { describe, expect, test } from "vitest";

import { utf8ToBinary } from "../../shared/base/bytes.ts";
import { replyToJson } from "../../shared/resp/json.ts";
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
  Verbatim,
} from "../../shared/resp/reply.ts";

describe("a reply in JSON", () => {
  const ROWS: readonly (readonly [string, Reply, unknown, unknown])[] = [
    ["OK", OK, "OK", "OK"],
    ["OK in an array", [OK], ["OK"], ["T0s="]],
    ["OK as a value", "OK", "OK", "T0s="],
    ["a status", PONG, "PONG", "UE9ORw=="],
    ["text", utf8ToBinary("grün"), "grün", "Z3LDvG4="],
    ["no text", "", "", ""],
    ["bytes", "\xff\x00a", "\ufffd\0a", "/wBh"],
    ["an integer", -7, -7, -7],
    ["a large integer", 2n ** 63n - 1n, "9223372036854775807", "9223372036854775807"],
    ["a small bigint", 5n, 5, 5],
    ["nil", null, null, null],
    ["the nil array", NIL_ARRAY, null, null],
    ["no reply", NO_REPLY, null, null],
    ["a double", new Double(1.5), "1.5", "MS41"],
    ["infinity", new Double(Infinity), "inf", "aW5m"],
    ["true", new Bool(true), 1, 1],
    ["false", new Bool(false), 0, 0],
    ["a big number", new BigNumber("12"), "12", "MTI="],
    ["verbatim text", new Verbatim("txt", "a"), "a", "YQ=="],
    ["an array", ["a", [1, null]], ["a", [1, null]], ["YQ==", [1, null]]],
    ["a map", new MapReply(["a", ["b"]]), ["a", ["b"]], ["YQ==", ["Yg=="]]],
    ["a set", new SetReply(["a"]), ["a"], ["YQ=="]],
    ["a push", new Push(["a"]), ["a"], ["YQ=="]],
    ["an error in an array", [new ReplyError("E a")], ["E a"], ["RSBh"]],
  ];

  test.each(ROWS)("that is %s is shaped as RESP2", (_, reply, plain, base64) => {
    expect(replyToJson(reply)).toEqual(plain);
    expect(replyToJson(reply, { base64: true })).toEqual(base64);
  });
});
