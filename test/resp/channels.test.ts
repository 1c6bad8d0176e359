// The frames between bridge and node: whole in every message, and anything else is a fault.

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { toBinary } from "../../shared/base/bytes.ts";
import {
  CHANNEL_MAX,
  ChannelFault,
  ChannelReader,
  ChannelWriter,
  CLOSE,
  DATA,
  OPEN,
  TAKEN,
} from "../../shared/resp/channels.ts";

/** `count` is 0 but of `taken`, and `bytes` "" but of `data`. */
type Frame = {
  readonly kind: number;
  readonly channel: number;
  readonly bytes: string;
  readonly count: number;
};

const channel = fc.nat({ max: CHANNEL_MAX });
const payload = fc.uint8Array({ maxLength: 40 }).map((array) => toBinary(array));
const none = { bytes: fc.constant(""), count: fc.constant(0) };
const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ ...none, kind: fc.constantFrom(OPEN, CLOSE), channel }),
  fc.record({ ...none, kind: fc.constant(DATA), channel, bytes: payload }),
  fc.record({ ...none, kind: fc.constant(TAKEN), channel, count: fc.nat({ max: 0xffff_ffff }) }),
);
const frames = fc.array(frame, { maxLength: 8 });

function written(all: readonly Frame[]): Uint8Array {
  const writer = new ChannelWriter();
  for (const { kind, channel: number, bytes, count } of all) {
    if (kind === OPEN) writer.open(number);
    else if (kind === CLOSE) writer.close(number);
    else if (kind === DATA) writer.data(number, bytes);
    else writer.taken(number, count);
  }
  return writer.take();
}

function read(message: Uint8Array): Frame[] {
  const reader = new ChannelReader(message);
  const all: Frame[] = [];
  while (reader.next()) {
    const { kind, channel: number, start, end } = reader;
    const bytes = toBinary(message.subarray(start, end));
    all.push({ kind, channel: number, bytes, count: kind === TAKEN ? reader.count : 0 });
  }
  return all;
}

/** What a message is read as: "fault", or bytes read. */
function outcomeOf(message: Uint8Array): number | "fault" {
  const reader = new ChannelReader(message);
  try {
    while (reader.next());
    return reader.end;
  } catch (error) {
    if (error instanceof ChannelFault) return "fault";
    throw error;
  }
}

describe("a message of channels", () => {
  it("is read as it was written", () => {
    const same = fc.property(frames, (all) => {
      expect(read(written(all))).toEqual(all);
    });
    fc.assert(same);
  });

  it("is a fault where it ends in the middle of a frame", () => {
    const whole = fc.property(fc.array(frame, { minLength: 1, maxLength: 3 }), (all) => {
      const message = written(all);
      const lastBytes = written(all.slice(-1)).byteLength;
      for (let cut = 1; cut < lastBytes; cut++) {
        expect(() => read(message.subarray(0, message.byteLength - cut))).toThrow(ChannelFault);
      }
    });
    fc.assert(whole);
  });

  it("is a fault where a frame is of no known kind", () => {
    for (const kind of [0, TAKEN + 1, 255]) {
      const message = written([{ kind: OPEN, channel: 1, bytes: "", count: 0 }]);
      expect(() => read(message.with(0, kind))).toThrow("no such kind of frame");
    }
  });

  it("of any other bytes is read to its end or called a fault", () => {
    const any = fc.property(fc.uint8Array({ maxLength: 60 }), (message) => {
      expect([message.byteLength, "fault"]).toContain(outcomeOf(message));
    });
    fc.assert(any, { numRuns: 1000 });
  });

  it("begins anew once the last was taken", () => {
    const writer = new ChannelWriter();
    writer.data(7, "first");
    expect(writer.byteCount).toBe(9 + 5);
    writer.take();
    expect(writer.byteCount).toBe(0);
    writer.close(7);
    expect(read(writer.take())).toEqual([{ kind: CLOSE, channel: 7, bytes: "", count: 0 }]);
  });
});
