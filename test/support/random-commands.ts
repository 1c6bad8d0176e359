// Command lines by chance, over few keys and the values that are likely to go wrong: what two servers
// answer alike to thousands of them, they do alike.
//
// No time among them is near: it has passed, or comes long after the run. So clocks that differ by
// milliseconds cannot make a difference, but in the times themselves.

import type { Random } from "../../shared/base/random.ts";

const KEYS = ["a", "b", "c", "d", ""];
const GOOD_NUMBERS = ["0", "1", "-1", "5", "10", "100", "-100", "1.5", "3e2"];
const LARGE_NUMBERS = ["9007199254740993", "4611686018427387904", "9223372036854775807"];
const LIMITS = ["-9223372036854775808", "9223372036854775808"];
const BAD_NUMBERS = ["x", "", " 1", "01", "+1", "-0", "0x10", "inf", "1e400"];
const NUMBERS = [GOOD_NUMBERS, LARGE_NUMBERS, LIMITS, BAD_NUMBERS].flat();
const TEXTS = ["hello", "hello world", "xyz", "\x00\xff", "ohmytext", "mynewtext"];
const OFFSETS = ["0", "1", "5", "-1", "40000000", "9223372036854775807", "x"];
const BAD_TIMES = ["0", "-1", "x", "1.5", "", "9223372036854775807"];
const FAR_TIMES = ["33177117420", "33177117420123", "9223372036854775"];
const EXPIRE_OPTIONS = ["NX", "XX", "GT", "LT", "nx", "foo"];
const DATABASES = ["0", "1", "2", "x", "16"];

export type Maker = (draw: Draw) => readonly string[];

export const MAKERS: readonly Maker[] = [
  (d) => ["GET", d.key()],
  (d) => ["SET", d.key(), d.value()],
  (d) => ["SET", d.key(), d.value(), ...d.some(2, () => d.setOption())],
  (d) => ["SETNX", d.key(), d.value()],
  (d) => [d.of(["SETEX", "PSETEX"]), d.key(), d.time(), d.value()],
  (d) => ["GETSET", d.key(), d.value()],
  (d) => ["GETDEL", d.key()],
  (d) => ["GETEX", d.key(), ...d.some(2, () => d.setOption())],
  (d) => ["MGET", d.key(), d.key(), d.key()],
  (d) => [d.of(["MSET", "MSETNX"]), d.key(), d.value(), ...d.some(2, () => [d.key(), d.value()])],
  (d) => ["APPEND", d.key(), d.value()],
  (d) => ["STRLEN", d.key()],
  (d) => [d.of(["GETRANGE", "SUBSTR"]), d.key(), d.of(NUMBERS), d.of(NUMBERS)],
  (d) => ["SETRANGE", d.key(), d.of(OFFSETS), d.value()],
  (d) => [d.of(["INCR", "DECR"]), d.key()],
  (d) => [d.of(["INCRBY", "DECRBY", "INCRBYFLOAT"]), d.key(), d.of(NUMBERS)],
  (d) => ["LCS", d.key(), d.key(), ...d.some(3, () => d.lcsOption())],
  (d) => [d.of(["DEL", "UNLINK", "EXISTS", "TOUCH"]), d.key(), ...d.some(2, () => [d.key()])],
  (d) => [d.of(["TYPE", "EXPIRETIME", "PEXPIRETIME", "PERSIST"]), d.key()],
  (d) => [
    d.of(["EXPIRE", "PEXPIRE"]),
    d.key(),
    d.time(),
    ...d.some(2, () => [d.of(EXPIRE_OPTIONS)]),
  ],
  (d) => [
    d.of(["EXPIREAT", "PEXPIREAT"]),
    d.key(),
    d.moment(),
    ...d.some(1, () => [d.of(EXPIRE_OPTIONS)]),
  ],
  (d) => [d.of(["RENAME", "RENAMENX"]), d.key(), d.key()],
  (d) => ["COPY", d.key(), d.key(), ...d.some(2, () => d.copyOption())],
  (d) => ["MOVE", d.key(), d.of(DATABASES)],
  () => ["DBSIZE"],
  (d) => ["SELECT", d.of(["0", "0", "0", "1", "16", "x"])],
  (d) => ["SWAPDB", d.of(DATABASES), d.of(DATABASES)],
  () => ["MULTI"],
  () => ["EXEC"],
  () => ["EXEC"],
  () => ["DISCARD"],
  () => ["UNWATCH"],
  (d) => ["KEYS", d.of(["*", "a*", "[ab]", "?", ""])],
  (d) => ["SCAN", "0", "COUNT", "1000", ...d.some(1, () => ["MATCH", d.of(["[a-c]", "*"])])],
  (d) => (d.chance(0.1) ? [d.of(["FLUSHDB", "FLUSHALL"])] : ["GET", d.key()]),
];

export function randomCommand(random: Random): readonly string[] {
  const draw = new Draw(random);
  return draw.of(MAKERS)(draw);
}

export class Draw {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  of<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random.next() * choices.length)]!;
  }

  chance(share: number): boolean {
    return this.#random.next() < share;
  }

  some(countMax: number, make: () => readonly string[]): string[] {
    const count = Math.floor(this.#random.next() * (countMax + 1));
    return Array.from({ length: count }, make).flat();
  }

  key(): string {
    return this.of(KEYS);
  }

  value(): string {
    return this.chance(0.5) ? this.of(NUMBERS) : this.of(TEXTS);
  }

  /** From now on; hardly ever the same twice, or GT and LT would depend on the milliseconds between. */
  time(): string {
    if (this.chance(0.3)) return this.of(BAD_TIMES);
    if (this.chance(0.2)) return this.of(FAR_TIMES);
    return String(100_000 + Math.floor(this.#random.next() * 1e9));
  }

  moment(): string {
    return this.chance(0.4) ? this.of(["1", "1000", ...BAD_TIMES]) : this.of(FAR_TIMES);
  }

  setOption(): readonly string[] {
    if (this.chance(0.3)) return [this.of(["EX", "PX"]), this.time()];
    if (this.chance(0.3)) return [this.of(["EXAT", "PXAT"]), this.moment()];
    return [this.of(["NX", "XX", "GET", "KEEPTTL", "PERSIST", "EX", "foo"])];
  }

  lcsOption(): readonly string[] {
    if (this.chance(0.3)) return ["MINMATCHLEN", this.of(NUMBERS)];
    return [this.of(["LEN", "IDX", "IDX", "WITHMATCHLEN"])];
  }

  copyOption(): readonly string[] {
    return this.chance(0.5) ? ["REPLACE"] : ["DB", this.of(DATABASES)];
  }
}
