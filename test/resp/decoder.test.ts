import fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  Decoder,
  type DecoderLimits,
  ProtocolError,
  defaultLimits,
} from "../../shared/resp/decoder.ts";
import { encodeCommand } from "../../shared/resp/encoder.ts";
import { fuzzDecoder } from "../fuzz/decoder.ts";
import { binary } from "../base/support/binary.ts";

const PING = "*1\r\n$4\r\nPING\r\n";
const LONG = "x".repeat(64 * 1024);

interface Decoded {
  readonly commands: readonly string[][];
  readonly error?: string;
}

/** All commands of a stream, and the error it ends with. */
function decode(pieces: Iterable<string>, limits: Partial<DecoderLimits> = {}): Decoded {
  const decoder = new Decoder({ ...defaultLimits(), ...limits });
  const commands: string[][] = [];
  try {
    for (const piece of pieces) {
      decoder.push(piece);
      for (let args; (args = decoder.next()) !== undefined;) commands.push(args);
    }
    return { commands };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { commands, error: error.text };
  }
}

/** Whole and byte by byte, which must be the same. */
function decodeBothWays(stream: string, limits: Partial<DecoderLimits> = {}): Decoded {
  const whole = decode([stream], limits);
  expect(decode(stream, limits)).toEqual(whole);
  return whole;
}

function thrownBy(decoder: Decoder): unknown {
  try {
    return decoder.next();
  } catch (error) {
    return error;
  }
}

describe("commands", () => {
  const STREAMS = [
    [PING, [["PING"]]],
    [PING + PING, [["PING"], ["PING"]]],
    ["*2\r\n$4\r\nECHO\r\n$0\r\n\r\n", [["ECHO", ""]]],
    ["*2\r\n$4\r\nECHO\r\n$5\r\n\r\n$1*\r\n", [["ECHO", "\r\n$1*"]]],
    ["*2\r\n$4\r\nECHO\r\n$3\r\n\0\xff\x80\r\n", [["ECHO", "\0\xff\x80"]]],
    ["*1\r\n$4\r\nPIN", []],
    [`*0\r\n${PING}`, [["PING"]]],
    [`*-1\r\n*-9223372036854775808\r\n${PING}`, [["PING"]]],
    [`*1\rx$4\r.PING..${PING}`, [["PING"], ["PING"]]], // nobody looks at the line feeds
    ["PING\n", [["PING"]]],
    ["PING\r\n", [["PING"]]],
    [`\r\n\n  \r\n${PING}`, [["PING"]]],
    [`PING\r\n${PING}ECHO a b\r\n`, [["PING"], ["PING"], ["ECHO", "a", "b"]]],
  ] as const;

  test.each(STREAMS)("of %j are %j", (stream, commands) => {
    expect(decodeBothWays(stream)).toEqual({ commands });
  });

  test("are what was encoded, however the bytes are split", () => {
    const args = fc.array(binary, { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(args), fc.array(fc.nat(50)), (commands, lengths) => {
        const stream = commands.map((command) => encodeCommand(command)).join("");
        const pieces: string[] = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          const length = 1 + (lengths[i % lengths.length] ?? 0);
          pieces.push(stream.slice(at, at + length));
          at += length;
        }
        expect(decode(pieces)).toEqual({ commands });
      }),
    );
  });

  test("are decoded one at a time, so that AUTH counts for the next one", () => {
    const limits = { ...defaultLimits(), isAuthenticated: false };
    const decoder = new Decoder(limits);
    decoder.push(PING + encodeCommand(Array.from({ length: 11 }, () => "a")));
    expect(decoder.next()).toEqual(["PING"]);
    limits.isAuthenticated = true;
    expect(decoder.next()).toHaveLength(11);
  });
});

describe("a stream is refused", () => {
  // In redis-server's words; redis.test.ts compares.
  const STREAMS = [
    ["*x\r\n", "invalid multibulk length"],
    ["*\r\n", "invalid multibulk length"],
    ["*+1\r\n", "invalid multibulk length"],
    ["*01\r\n", "invalid multibulk length"],
    ["*1048577\r\n", "invalid multibulk length"],
    ["*1\r\n$-1\r\n", "invalid bulk length"],
    ["*1\r\n$33554433\r\n", "invalid bulk length"],
    ["*1\r\n$04\r\n", "invalid bulk length"],
    ["*1\r\nfoo\r\n", "expected '$', got 'f'"],
    ["*1\r\n\r\n", "expected '$', got '\r'"],
    ['ECHO "a\r\n', "unbalanced quotes in request"],
    ['ECHO "a"b\r\n', "unbalanced quotes in request"],
    [`${LONG}x`, "too big inline request"],
    [`${LONG}x\r\n`, "too big inline request"],
    [`*${LONG}`, "too big mbulk count string"],
    [`*1\r\n$${LONG}`, "too big bulk count string"],
  ] as const;

  test.each(STREAMS)("%.20j: %s", (stream, what) => {
    const { commands, error } = decodeBothWays(PING + stream);
    expect(commands).toEqual([["PING"]]);
    expect(error).toBe(`ERR Protocol error: ${what}`);
  });

  const UNAUTHENTICATED = [
    ["*11\r\n", "unauthenticated multibulk length"],
    ["*10\r\n$16385\r\n", "unauthenticated bulk length"],
  ] as const;

  test.each(UNAUTHENTICATED)("%j before AUTH: %s", (stream, what) => {
    expect(decodeBothWays(stream, { isAuthenticated: false }).error).toContain(what);
    expect(decodeBothWays(stream).error).toBeUndefined();
  });

  test("for good", () => {
    const decoder = new Decoder(defaultLimits());
    decoder.push("*x\r\n");
    const first = thrownBy(decoder);
    expect(first).toBeInstanceOf(ProtocolError);
    decoder.push(PING);
    expect(thrownBy(decoder)).toBe(first);
  });

  test("not at its limits", () => {
    const limits = { argumentsMax: 2, bulkMax: 5, inlineMax: 6 };
    const stream = "*2\r\n$5\r\n12345\r\n$0\r\n\r\n123456\n12345\r\n";
    expect(decodeBothWays(stream, limits)).toEqual({
      commands: [["12345", ""], ["123456"], ["12345"]],
    });
  });
});

describe("the decoder", () => {
  test("throws nothing but ProtocolError and gives the same for any split", () => {
    expect(() => {
      for (let seed = 1; seed <= 1_500; seed++) fuzzDecoder(seed);
    }).not.toThrow();
  });

  test("counts what it consumed and what it holds", () => {
    const decoder = new Decoder(defaultLimits());
    decoder.push(`${PING}*0\r\n\r\n*2\r\n$4\r\nEC`);
    expect(decoder.next()).toEqual(["PING"]);
    expect([decoder.consumedBytes, decoder.bufferedBytes]).toEqual([PING.length, 16]);
    expect(decoder.next()).toBeUndefined();
    expect([decoder.consumedBytes, decoder.bufferedBytes]).toEqual([PING.length + 6, 10]);
  });

  test("gives the rest away at any byte, and another one goes on", () => {
    const stream = encodeCommand(["SET", "key", "a longer value than thirteen"]) + "ECHO 'a b'\r\n";
    for (let at = 0; at <= stream.length; at++) {
      const first = new Decoder(defaultLimits());
      first.push(stream.slice(0, at));
      const commands: string[][] = [];
      for (let args; (args = first.next()) !== undefined;) commands.push(args);
      const rest = first.takeRest();
      expect(first.consumedBytes + rest.length).toBe(at);
      expect(first.bufferedBytes).toBe(0);
      commands.push(...decode([rest, stream.slice(at)]).commands);
      expect(commands).toEqual([
        ["SET", "key", "a longer value than thirteen"],
        ["ECHO", "a b"],
      ]);
    }
  });

  // Quadratic time would be hours in the first case and minutes in the others.
  test("takes linear time for large values, many arguments and tiny pieces", () => {
    const value = "v".repeat(32 * 1024 * 1024);
    const large = encodeCommand(["SET", "key", value]);
    const pieces = Array.from({ length: Math.ceil(large.length / 4096) }, (_, i) =>
      large.slice(i * 4096, (i + 1) * 4096),
    );
    expect(decode(pieces).commands[0]?.[2]?.length).toBe(value.length);
    expect(decode(encodeCommand(["v".repeat(1_000_000)])).commands).toHaveLength(1);
    const many = Array.from({ length: 100_000 }, (_, i) => String(i));
    expect(decode(encodeCommand(many)).commands).toEqual([many]);
  });

  test("takes linear time where commands are fetched more slowly than they come", () => {
    const decoder = new Decoder(defaultLimits());
    for (let i = 0; i < 2_000; i++) {
      decoder.push(PING.repeat(100));
      expect(decoder.next()).toEqual(["PING"]);
    }
    let count = 2_000;
    while (decoder.next() !== undefined) count++;
    expect(count).toBe(200_000);
  });
});

test("knows how a command was spelt that was decoded some commands ago, or none", () => {
  const lines = [
    ["SET", "a", "1"],
    ["SET", "k".repeat(40), "v".repeat(300)],
    ["GET", "a"],
    ["SET", "b", "x".repeat(20_000)],
    ["DEL", "a"],
  ];
  const stream = lines.map((args) => encodeCommand(args)).join("");
  for (let size = 1; size < 500; size++) {
    const decoder = new Decoder(defaultLimits());
    const ahead: (readonly string[])[] = [];
    const spellings: { expected: string; found: string }[] = [];
    for (let at = 0; at < stream.length; at += 2 * size) {
      decoder.push(stream.slice(at, at + size));
      decoder.push(stream.slice(at + size, at + 2 * size));
      // A batch is decoded before its first command is written.
      for (let args = decoder.next(); args !== undefined; args = decoder.next()) {
        ahead.push(args);
        const { spelt, text, from, to } = decoder;
        if (spelt === undefined) continue;
        spellings.push({ expected: encodeCommand(spelt), found: text.slice(from, to) });
      }
    }
    expect(ahead).toEqual(lines);
    expect(spellings.filter(({ expected, found }) => expected !== found)).toEqual([]);
  }
});
