// The meter in WebAssembly: what can take long asks for fuel, and the interpreter that is served has it.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { describe, expect, test } from "vitest";

import { meter } from "../../../scripts/lib/meter.ts";
import { compiled } from "../../support/lua.ts";

const require = createRequire(import.meta.url);

const [I32, NOTHING] = [0x7f, 0x40];
const LOCAL_GET = [0x20, 0];
const LESS_ONE = [...LOCAL_GET, 0x41, 1, 0x6b];
const CALL_ITSELF = [0x10, 0];
const RETURN_AT_ZERO = [...LOCAL_GET, 0x45, 0x04, NOTHING, 0x0f, 0x0b];
const END = 0x0b;

/** Code of a function of one number, without a result. */
const CODES = {
  nothing: [END],
  "an endless loop": [0x03, NOTHING, 0x0c, 0, END, END],
  "calls that call twice": [
    ...RETURN_AT_ZERO,
    ...LESS_ONE,
    ...CALL_ITSELF,
    ...LESS_ONE,
    ...CALL_ITSELF,
    END,
  ],
  // memory.fill
  "bulk memory": [...LOCAL_GET, ...LOCAL_GET, ...LOCAL_GET, 0xfc, 11, 0, END],
  // v128.const, of a proposal
  "what is new": [0xfd, 12, ...Array.from({ length: 16 }, () => 0), 0x1a, END],
};

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** A module with this function in it, exported as `run`. */
function moduleOf(code: readonly number[]): Uint8Array<ArrayBuffer> {
  const section = (id: number, ...content: number[]): number[] => [id, content.length, ...content];
  return Uint8Array.from([
    ...HEADER,
    ...section(1, 1, 0x60, 1, I32, 0),
    ...section(2, 0),
    ...section(3, 1, 0),
    ...section(5, 1, 0, 1),
    ...section(6, 0),
    ...section(7, 1, 3, ...Buffer.from("run"), 0, 0),
    ...section(10, 1, code.length + 1, 0, ...code),
  ]);
}

/** Runs it until it has been given fuel so many times; how often it was. */
function run(code: readonly number[], { refillsMax = 100, fuel = 50 } = {}): number {
  let refills = 0;
  const refill = (): number => {
    if (refills === refillsMax) throw new RangeError("no more");
    refills++;
    return fuel;
  };
  const { run } = compiled(meter(moduleOf(code)))({ meter: { refill } });
  try {
    (run as (n: number) => void)(60);
  } catch (error) {
    if (!(error instanceof RangeError && error.message === "no more")) throw error;
  }
  return refills;
}

describe("the meter", () => {
  test.each(["an endless loop", "calls that call twice"] as const)("ends %s", (name) => {
    expect(run(CODES[name])).toBe(100);
  });

  test("asks nobody for what is over at once", () => {
    expect(run(CODES.nothing)).toBe(0);
  });

  test.each(["bulk memory", "what is new"] as const)(
    "refuses %s, which it does not know",
    (name) => {
      expect(() => meter(moduleOf(CODES[name]))).toThrow("the meter does not know");
    },
  );

  test("is in the interpreter that is served, which is the package's (else: npm run meter)", () => {
    const packaged = require.resolve("wasmoon-lua5.1/dist/liblua5.1.wasm");
    const served = readFileSync(new URL("../../../workers/lua/lua.wasm", import.meta.url));
    expect(served.equals(meter(readFileSync(packaged)))).toBe(true);
  });
});
