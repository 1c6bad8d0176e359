import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeFrame, encodeFrame } from "../../shared/replication/frame.ts";
import {
  decodeCursor,
  encodeCursor,
  encodeSnapshotFrame,
  SnapshotFrameDecoder,
} from "../../shared/replication/snapshot-frame.ts";
import { SNAPSHOT_START } from "../../shared/replication/snapshot.ts";

const binary = fc.uint8Array({ maxLength: 60 }).map((bytes) => String.fromCharCode(...bytes));

describe("a frame of the stream", () => {
  const anyFrame = fc.record({
    epoch: fc.nat({ max: 2 ** 32 - 1 }),
    offset: fc.maxSafeNat(),
    bytes: fc.uint8Array({ maxLength: 50 }),
  });

  it("is read as it was written", () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        expect(decodeFrame(encodeFrame(frame))).toEqual(frame);
      }),
    );
  });

  it("is none when it is cut short, of another version, or its offset is no byte count", () => {
    const message = encodeFrame({ epoch: 1, offset: 7, bytes: new Uint8Array(3) });
    for (let length = 0; length < 16; length++) {
      expect(decodeFrame(message.subarray(0, length))).toBeUndefined();
    }
    expect(decodeFrame(message.with(0, 2))).toBeUndefined();
    new DataView(message.buffer).setFloat64(8, -1, true);
    expect(decodeFrame(message)).toBeUndefined();
  });
});

describe("frames of a snapshot", () => {
  const frames = fc.array(fc.record({ cursor: binary, bytes: binary }), { maxLength: 6 });

  it("are read as they were written, in any split", () => {
    fc.assert(
      fc.property(frames, fc.integer({ min: 1, max: 9 }), (written, size) => {
        const decoder = new SnapshotFrameDecoder();
        const text = written.map(encodeSnapshotFrame).join("");
        const read = [];
        for (let at = 0; at < text.length; at += size) {
          decoder.push(text.slice(at, at + size));
          for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
            read.push(frame);
          }
        }
        expect(read).toEqual(written);
      }),
    );
  });

  it("show damage in any bit of what they carry", () => {
    const text = encodeSnapshotFrame({ cursor: "0.5.61", bytes: "some rows" });
    for (let at = 8; at < text.length; at++) {
      const damaged = String.fromCharCode(text.charCodeAt(at) ^ 1);
      const decoder = new SnapshotFrameDecoder();
      decoder.push(text.slice(0, at) + damaged + text.slice(at + 1));
      expect(decoder.next()).toBe("damaged");
    }
  });

  it("of a size that nobody sends are refused before they are collected", () => {
    const decoder = new SnapshotFrameDecoder();
    decoder.push("\xff\xff\xff\xff".repeat(4));
    expect(decoder.next()).toBe("damaged");
  });
});

describe("a cursor", () => {
  it("comes back as it went", () => {
    const after = fc.record({ hash: fc.nat(), name: binary });
    fc.assert(
      fc.property(fc.nat({ max: 15 }), fc.option(after, { nil: undefined }), (at, key) => {
        expect(decodeCursor(encodeCursor({ at, after: key }))).toEqual({ at, after: key });
      }),
    );
    expect(decodeCursor("")).toEqual(SNAPSHOT_START);
  });

  it.each(["x", "-1", "1.2", "1.2.3", "1.2.zz", "999", "1.9999999999999999.61"])(
    "is none when it is %j",
    (text) => expect(decodeCursor(text)).toBeUndefined(),
  );
});
