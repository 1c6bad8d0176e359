import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { ProtocolError } from "../../shared/resp/decoder.ts";
import { encodeReply } from "../../shared/resp/encoder.ts";
import {
  BigNumber,
  Bool,
  Double,
  MapReply,
  NIL_ARRAY,
  OK,
  Push,
  type Reply,
  ReplyError,
  SetReply,
  Status,
  Verbatim,
} from "../../shared/resp/reply.ts";
import { ReplyDecoder } from "../../shared/resp/reply-decoder.ts";
import { binary } from "../base/support/binary.ts";

function decode(pieces: Iterable<string>): Reply[] {
  const decoder = new ReplyDecoder();
  const replies: Reply[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    decoder.push(piece);
    bytes += piece.length;
    for (let reply; (reply = decoder.next()) !== undefined;) replies.push(reply);
  }
  expect(decoder.consumedBytes + decoder.bufferedBytes).toBe(bytes);
  return replies;
}

/** Everything both protocols can say. */
function replies(protocol: 2 | 3): fc.Arbitrary<Reply> {
  const line = binary.map((text) => text.replace(/[\r\n]/g, ""));
  const common = [
    binary,
    fc.maxSafeInteger(),
    fc.constantFrom(null, OK, 2n ** 63n - 1n, -(2n ** 63n)),
    line.filter((text) => text !== "OK").map((text) => new Status(text)),
    line.map((text) => new ReplyError(text)),
  ];
  const only3 = [
    fc.double().map((value) => new Double(value)),
    fc.boolean().map((value) => new Bool(value)),
    fc.bigInt().map((value) => new BigNumber(String(value))),
    binary.map((text) => new Verbatim("txt", text)),
  ];
  return fc.letrec<{ reply: Reply }>((tie) => {
    const items = fc.array(tie("reply"), { maxLength: 5 });
    const flat = items.map((all) => all.slice(0, all.length & ~1));
    const sets = [
      flat.map((all) => new MapReply(all)),
      items.map((all) => new SetReply(all)),
      items.map((all) => new Push(all)),
    ];
    const scalars = protocol === 3 ? [...common, ...only3] : [...common, fc.constant(NIL_ARRAY)];
    return { reply: fc.oneof({ maxDepth: 4 }, ...scalars, items, ...(protocol === 3 ? sets : [])) };
  }).reply;
}

describe("replies", () => {
  test.each([2, 3] as const)(
    "are what was encoded in RESP%d, whole and byte by byte",
    (protocol) => {
      fc.assert(
        fc.property(fc.array(replies(protocol), { maxLength: 5 }), (sent) => {
          const stream = sent.map((reply) => encodeReply(reply, protocol)).join("");
          expect(decode([stream])).toEqual(sent);
          expect(decode(stream)).toEqual(sent);
        }),
      );
    },
  );

  test("come without their attributes", () => {
    expect(decode("|1\r\n$1\r\na\r\n*1\r\n:9\r\n:1\r\n")).toEqual([1]);
    expect(decode("*2\r\n|1\r\n+a\r\n+b\r\n:1\r\n:2\r\n")).toEqual([[1, 2]]);
    expect(decode("|0\r\n:1\r\n")).toEqual([1]);
  });

  test("come without the line feeds that say a master is busy", () => {
    expect(decode("\n\n:1\r\n\n:2\r\n\n")).toEqual([1, 2]);
    expect(decode(["\n", "\n:1\r\n\n", "\n\n", ":2\r\n"])).toEqual([1, 2]);
  });

  test("may be errors in bulk form", () => {
    expect(decode("!5\r\nERR x\r\n")).toEqual([new ReplyError("ERR x")]);
  });

  const REFUSED = [
    ["x\r\n", ":a\r\n", ":\r\n", "$-2\r\n", "$x\r\n", "*x\r\n", "#x\r\n", ",x\r\n", "(x\r\n"],
    ["\r\n", "*1\r\n\n:1\r\n", "%-1\r\n", "$99999999999\r\n", "*1\r\n".repeat(200)],
  ].flat();

  test.each(REFUSED)("are not %.20j", (stream) => {
    for (const pieces of [[stream], stream]) {
      let thrown: unknown;
      try {
        decode(pieces);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(ProtocolError);
    }
  });

  test("end where another protocol begins", () => {
    const decoder = new ReplyDecoder();
    decoder.push("+FULLRESYNC a 0\r\n$3\r\nRED");
    expect(decoder.next()).toEqual(new Status("FULLRESYNC a 0"));
    expect(decoder.takeRest()).toBe("$3\r\nRED");
    expect(decoder.bufferedBytes).toBe(0);
  });

  test("take linear time when they are large and come in small pieces", () => {
    const large = encodeReply(["v".repeat(8_000_000)], 2);
    const pieces = Array.from({ length: Math.ceil(large.length / 1024) }, (_, i) =>
      large.slice(i * 1024, (i + 1) * 1024),
    );
    expect(decode(pieces)).toHaveLength(1);
    const many = Array.from({ length: 50_000 }, (_, i) => i);
    expect(decode(encodeReply(many, 2))).toEqual([many]);
  });
});
