// Where a reply ends.

import { expect, test } from "vitest";

import { encodeReply } from "../../shared/resp/encoder.ts";
import { NIL_ARRAY, OK, type Reply, ReplyError } from "../../shared/resp/reply.ts";
import { replyEnd } from "../../shared/resp/reply-end.ts";

const NESTED = Array.from({ length: 1000 }).reduce<Reply>((inner) => [inner, 1], "deep");

const REPLIES: Readonly<Record<string, Reply>> = {
  "a status": OK,
  "an error": new ReplyError("ERR 5 $3"),
  "a number": -7,
  "a string with line ends": "a\r\n$3\r\nb",
  "no string": null,
  "no array": NIL_ARRAY,
  "an empty array": [],
  "an array in an array": [[1, []], "a", [["b", null]]],
  "a thousand arrays in each other": NESTED,
  "a line of two megabytes": new ReplyError("x".repeat(2_000_000)),
};

test.each(Object.entries(REPLIES))("%s ends where it ends", (_, reply) => {
  const text = encodeReply(reply, 2);
  expect(replyEnd(`+OK\r\n${text}:1\r\n`, 5)).toBe(5 + text.length);
});

test("what is cut off is a bug", () => {
  for (const text of ["$5\r\nab", ":1", "*2\r\n:1\r\n", ""]) {
    expect(() => replyEnd(text, 0)).toThrow("whole");
  }
});
