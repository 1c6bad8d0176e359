// What a call is answered, and what becomes of more than can be carried.

import { describe, expect, test } from "vitest";

import { encodeReply } from "../../../shared/resp/encoder.ts";
import type { Reply } from "../../../shared/resp/reply.ts";
import { Answers, CALL_BYTES_MAX, type Format, type Shape } from "../../../workers/node/answers.ts";

const MEGABYTE = 1 << 20;
const TOO_LONG = /^\{"error":"ERR max request size exceeded\. Limit: 33550336 bytes/;

function answersTo(count: number, { format = "text", shape = "many" }: Options = {}): Answers {
  return new Answers(count, { format, shape });
}
interface Options {
  readonly format?: Format;
  readonly shape?: Shape;
}

function taken(replies: readonly Reply[], options: Options = {}): unknown {
  const answers = answersTo(replies.length, options);
  for (const reply of replies) answers.take(encodeReply(reply, 2));
  return answers.body([]).body;
}

/** What is written must not be made before it is known to be too long: it would take hundreds of megabytes. */
function writtenCharsOf(work: () => void): number {
  const { stringify } = JSON;
  let count = 0;
  JSON.stringify = (value: unknown) => {
    const text = stringify(value);
    count += text.length;
    return text;
  };
  try {
    work();
  } finally {
    JSON.stringify = stringify;
  }
  return count;
}

const HUGE: Readonly<Record<string, readonly Reply[]>> = {
  "strings of zero bytes": Array.from({ length: 30 }, () => "\0".repeat(MEGABYTE)),
  "one string of zero bytes": ["\0".repeat(20 * MEGABYTE)],
  "an array of strings of zero bytes": [Array.from({ length: 30_000 }, () => "\0".repeat(1000))],
  "strings of characters that take two bytes": Array.from({ length: 30 }, () =>
    "\xff".repeat(MEGABYTE),
  ),
};

describe("answers that are too long to be carried", () => {
  test.each(Object.entries(HUGE))("are one error, and are not written first: %s", (_, replies) => {
    let body: unknown;
    const written = writtenCharsOf(() => (body = taken(replies)));
    expect(body).toMatch(TOO_LONG);
    expect(written).toBeLessThanOrEqual(CALL_BYTES_MAX);
  });

  test("are one error in every form", () => {
    const replies = Array.from({ length: 40 }, () => "a".repeat(MEGABYTE));
    for (const format of ["text", "base64", "resp2"] as const) {
      expect(taken(replies, { format })).toMatch(TOO_LONG);
    }
    const transaction = answersTo(1, { shape: "transaction" });
    transaction.take("+OK\r\n+QUEUED\r\n");
    transaction.take(encodeReply([replies], 2));
    expect(transaction.body([]).body).toMatch(TOO_LONG);
  });

  test("are complete with the first that is too much: nobody waits for the rest", () => {
    const answers = answersTo(3);
    answers.take(encodeReply("a".repeat(CALL_BYTES_MAX), 2));
    expect(answers.isComplete).toBe(true);
    expect(answers.body([])).toMatchObject({ isError: true });
  });

  test("may be so by what was refused, or not answered, alone", () => {
    const why = "ERR no".padEnd(MEGABYTE);
    const refused = Array.from({ length: 40 }, (_, at) => [at, why] as const);
    expect(answersTo(0).body(refused).body).toMatch(TOO_LONG);
    const unanswered = answersTo(40);
    unanswered.finish(why);
    expect(unanswered.body([]).body).toMatch(TOO_LONG);
  });
});

describe("answers that can just be carried", () => {
  test.each([
    ["text", "a".repeat(CALL_BYTES_MAX - 64)],
    ["Latin letters", "\xc3\xa9".repeat(CALL_BYTES_MAX - 64)],
    ["Greek letters", "\xce\xb1".repeat(CALL_BYTES_MAX / 2 - 64)],
    ["zero bytes", "\0".repeat(CALL_BYTES_MAX / 6 - 64)],
  ])("are: %s", (_, text) => {
    expect(taken([text], { shape: "one" })).toMatch(/^\{"result":/);
  });
});
