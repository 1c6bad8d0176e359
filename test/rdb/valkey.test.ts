// What Valkey 9 writes in a way of its own, and what modules leave behind.

import { describe, expect, test } from "vitest";

import { moduleName } from "../../shared/rdb/module-name.ts";
import { encodeLength, encodeString, littleEndian64 } from "../../shared/rdb/primitives.ts";
import { RdbError } from "../../shared/rdb/reader.ts";
import { withoutValkey } from "../../shared/rdb/valkey.ts";
import { MODULE_AUX_BODY } from "./support/bodies.ts";
import { keysOf, load } from "./support/records.ts";

const pair = (name: string): string => encodeString(name) + encodeString(`v${name}`);
const HASH =
  encodeLength(3) +
  (pair("a") + littleEndian64(5000)) +
  (pair("b") + littleEndian64(-1)) +
  (pair("c") + littleEndian64(5010));
/** The same as Redis has it: the first expiry, and how much later each is. */
const REDIS_HASH = `${littleEndian64(5000)}\x03\x01${pair("a")}\x00${pair("b")}\x0b${pair("c")}`;

describe("a hash of Valkey 9 whose fields expire", () => {
  test("is one of Redis's in a file of Valkey", () => {
    const { records } = load([`VALKEY080\x16\x01h${HASH}`]);
    expect(keysOf(records)).toMatchObject([{ name: "h", type: 24, body: REDIS_HASH }]);
  });

  test("is of no known type in a file of Redis", () => {
    expect(() => load([`REDIS0012\x16\x01h${HASH}`])).toThrow(RdbError);
  });

  test("has no expiries where no field has one", () => {
    const { body } = withoutValkey({
      type: 22,
      body: encodeLength(1) + pair("a") + littleEndian64(-1),
    });
    expect(body.slice(8)).toBe(`\x01\x00${pair("a")}`);
  });

  test("leaves values of other types as they are", () => {
    expect(withoutValkey({ type: 4, body: "x" })).toEqual({ type: 4, body: "x" });
  });
});

describe("what a module leaves beside the keys", () => {
  test("is passed over, and told of by the module's name", () => {
    const { records } = load([`REDIS0009\xf7${MODULE_AUX_BODY}\x00\x01k\x01v`]);
    expect(records).toMatchObject([{ kind: "module" }, { kind: "key", name: "k" }]);
  });

  test("has a name of nine letters", () => {
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let id = 0n;
    for (const letter of "ReJSON-RL") id = (id << 6n) | BigInt(letters.indexOf(letter));
    expect(moduleName((id << 10n) | 3n)).toBe("ReJSON-RL");
  });
});

describe("a key of a file", () => {
  test("says where its value begins", () => {
    const file = "REDIS0009\x00\x01k\x01v\xfe\x01\x00\x02kk\x01w";
    expect(keysOf(load(file).records).map(({ valueOffset }) => valueOffset)).toEqual([12, 20]);
    expect(file.slice(20)).toBe("\x01w");
  });
});
