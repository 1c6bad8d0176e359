// Texts that are numbers, or nearly.

import type { Random } from "../../../shared/base/random.ts";

/** One of the items. */
export function pick<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random.next() * items.length)]!;
}

/** So many characters of the alphabet. */
export function word(random: Random, alphabet: string, length: number): string {
  let text = "";
  for (let i = 0; i < length; i++) text += alphabet[Math.floor(random.next() * alphabet.length)];
  return text;
}

const INTEGERS = [
  ["-9223372036854775808", "9223372036854775807", "-9223372036854775809", "9223372036854775808"],
  ["-0", "0", "00", "01", "+1", "", "-", " 1", "1 ", "1e3", "1.0", "0x1"],
  ["9007199254740991", "9007199254740992", "-9007199254740993"],
  ["99999999999999999999", "-99999999999999999999", "999999999999999999999"],
].flat();

export function integerText(random: Random): string {
  if (random.next() < 0.4) return pick(random, INTEGERS);
  return pick(random, ["", "-"]) + digits(random, 1, 20);
}

const FLOATS = [
  ["0.1", "0.2", "-0", "0", "inf", "-inf", "+Infinity", "nan", "-NaN", "infinit", ".", "", "+"],
  ["1e400", "1e-400", "4.9e-324", "2e-324", "1.7976931348623159e308", "0e-9999", "5.", ".5"],
  ["3.6e-4951", "1e-4951", "1.18e4932", "1.19e4932", "-1e-30", "1e5000", "0x", "0x.", "0x.8"],
  ["18446744073709551616", "36893488147419103231", "1125899906842624.25", "0x1p-1074", "0x1p-1075"],
].flat();

const SHAPES: readonly ((random: Random) => string)[] = [
  (random) => pick(random, FLOATS),
  (random) => String(Math.floor(random.next() * 1e6) / 100),
  (random) => String((random.next() - 0.5) * 10 ** (random.next() * 600 - 300)),
  (random) => String((2 ** 50 + random.next() * 2 ** 50) / 2 ** Math.floor(random.next() * 5)),
  (random) => pick(random, ["", "-", "+"]) + digits(random, 1, 25) + "." + digits(random, 0, 25),
  (random) => `${digits(random, 1, 4)}.${digits(random, 0, 4)}e${power(random, 4)}`,
  (random) => `${pick(random, ["", "-"])}0x${digits(random, 1, 20)}.${digits(random, 0, 20)}`,
  (random) => `0x${digits(random, 1, 20)}p${power(random, 5)}`,
  (random) => broken(random, floatText(random)),
];

export function floatText(random: Random): string {
  return pick(random, SHAPES)(random);
}

function broken(random: Random, text: string): string {
  const at = Math.floor(random.next() * (text.length + 1));
  return (
    text.slice(0, at) + pick(random, [" ", "e", ".", "x", "-", "f", "\0", "\n"]) + text.slice(at)
  );
}

function power(random: Random, most: number): string {
  return pick(random, ["", "-", "+"]) + digits(random, 1, most);
}

function digits(random: Random, least: number, most: number): string {
  return word(random, "0123456789", least + Math.floor(random.next() * (most - least + 1)));
}
