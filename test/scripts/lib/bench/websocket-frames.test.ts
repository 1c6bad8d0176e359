// WebSocket frames as the load generator reads and writes them.

import { describe, expect, test } from "vitest";

import { FrameReader, maskedFrame } from "../../../../scripts/lib/bench/websocket-frames.ts";

const BINARY = 0x82;

/** A server's frame: without a mask. */
function frame(first: number, payload: string): Buffer {
  const masked = maskedFrame(payload);
  const headBytes = masked.length - payload.length - 4;
  const head = Buffer.from(masked.subarray(0, headBytes));
  head[0] = first;
  head[1] = head[1]! & 127;
  return Buffer.concat([head, Buffer.from(payload, "latin1")]);
}

function read(bytes: Buffer, pieceBytes: number): string {
  let text = "";
  const reader = new FrameReader((payload) => (text += payload.toString("latin1")));
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    reader.push(bytes.subarray(at, at + pieceBytes));
  }
  return text;
}

describe("a reader", () => {
  const PAYLOADS = ["+OK\r\n", "", "a".repeat(125), "b".repeat(126), "c".repeat(65_536), "\xff"];
  const STREAM = Buffer.concat(PAYLOADS.map((payload) => frame(BINARY, payload)));

  test.each([1, 2, 3, 7, 1000, STREAM.length])("finds all payloads in pieces of %d", (bytes) => {
    expect(read(STREAM, bytes) === PAYLOADS.join("")).toBe(true);
  });

  test("takes a message in several frames, and skips pings between them", () => {
    const stream = [frame(0x02, "+O"), frame(0x89, "ping"), frame(0x80, "K")];
    expect(read(Buffer.concat(stream), 1)).toBe("+OK");
  });

  test("throws when the server closes", () => {
    expect(() => read(frame(0x88, "\x03\xe8"), 1)).toThrow("closed");
  });
});

test.each([
  [0, "8280", 2],
  [125, "82fd", 2],
  [126, "82fe007e", 4],
  [65_535, "82feffff", 4],
  [65_536, "82ff0000000000010000", 10],
])("a client's frame of %d bytes has its length and a mask of zeros before them", (...row) => {
  const [length, head, headBytes] = row;
  const bytes = maskedFrame("x".repeat(length));
  expect(bytes.subarray(0, headBytes).toString("hex")).toBe(head);
  expect(bytes.readUInt32BE(headBytes)).toBe(0);
  expect(bytes.length).toBe(headBytes + 4 + length);
});
