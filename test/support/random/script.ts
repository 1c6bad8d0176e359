// Scripts and functions by chance: programs of `lua.ts`, called in every way there is.

import type { Draw, Maker } from "../random-commands.ts";
import { sha1Hex } from "../sha1-hex.ts";
import { body, SETTINGS } from "./lua.ts";

/** Commands whose array replies are compared as sets. */
export const UNORDERED: readonly string[] = ["function"];

const HEADERS = [
  "#!lua\n",
  "#!lua flags=no-writes\n",
  "#!lua flags=allow-oom,allow-stale\n",
  "#!lua flags=no-cluster,no-writes\n",
  "#!lua flags=x\n",
  "#!lua name=x\n",
  "#!lux\n",
  "#!lua",
] as const;
/** Scripts that are sent by their SHA-1, known or not. */
const SHORT = ["return 1", "return KEYS[1]", "return redis.call('INCR', KEYS[1])", "return x"];
/**
 * Libraries and what they register: one name at most that two of them have, or the order would decide;
 * and none that differ in case alone: of a library with both, redis-server 7.0.15 dies when it goes.
 */
const LIBRARIES = [
  ["one", ["f", "g"]],
  ["two", ["g", "h"]],
  ["no-name", ["f"]],
] as const;
const FUNCTIONS = ["f", "g", "h", "F"];
const FLAGS = ["'no-writes'", "'allow-oom'", "'allow-stale'", "'no-cluster'", "'x'", "1"];

function counted(d: Draw): string[] {
  const count = d.chance(0.9) ? "1" : d.of(["0", "2", "3", "-1", "x"]);
  return [count, d.key(), d.value()];
}

function headed(d: Draw): string {
  return d.of(HEADERS) + body(d);
}

function library(d: Draw): string {
  const [name, own] = d.of(LIBRARIES);
  const functions = [registered(d, own), ...d.some(2, () => [registered(d, own)])];
  return `#!lua name=${name}\n${functions.join("\n")}`;
}

function registered(d: Draw, names: readonly string[]): string {
  const name = d.of(names);
  // Where no function of this name can be, code runs that is only allowed to register.
  if (d.chance(0.1)) return body(d);
  const code = `function(KEYS, ARGV) ${body(d)} end`;
  if (d.chance(0.5)) return `redis.register_function('${name}', ${code})`;
  const flags = `flags={${d.some(2, () => [d.of(FLAGS)]).join(", ")}}`;
  const more = d.of([flags, flags, "description='what it does'", "description=1", "x=1"]);
  return `redis.register_function{function_name='${name}', callback=${code}, ${more}}`;
}

export const MAKERS: readonly Maker[] = [
  ...Array.from({ length: 8 }, () => (d: Draw) => ["EVAL", body(d), ...counted(d)]),
  (d) => ["EVAL", d.of(SETTINGS), "0"],
  (d) => ["EVAL", headed(d), ...counted(d)],
  (d) => ["EVAL_RO", d.chance(0.3) ? headed(d) : body(d), ...counted(d)],
  (d) => [d.of(["EVALSHA", "EVALSHA_RO", "evalsha"]), sha1Hex(d.of(SHORT)), ...counted(d)],
  (d) => [d.of(["EVAL", "EVAL_RO"]), d.of(SHORT), ...counted(d)],
  (d) => ["EVALSHA", d.of(["x", "", sha1Hex("x").toUpperCase()]), ...counted(d)],
  (d) => ["SCRIPT", "LOAD", d.of(SHORT)],
  (d) => ["SCRIPT", "EXISTS", ...SHORT.map(sha1Hex), d.value()],
  (d) => ["SCRIPT", ...d.of([["FLUSH"], ["FLUSH", "SYNC"], ["FLUSH", "x"], ["KILL"], ["x"]])],
  (d) => ["FUNCTION", "LOAD", ...d.some(1, () => ["REPLACE"]), library(d)],
  (d) => ["FUNCTION", "LOAD", "REPLACE", library(d)],
  (d) => [d.of(["FCALL", "FCALL", "FCALL", "FCALL_RO"]), d.of(FUNCTIONS), ...counted(d)],
  (d) => [d.of(["FCALL", "FCALL", "FCALL", "FCALL_RO"]), d.of(FUNCTIONS), ...counted(d)],
  (d) => ["FUNCTION", "DELETE", d.of(LIBRARIES)[0]],
  (d) => ["FUNCTION", "LIST", ...d.some(1, () => d.of([["WITHCODE"], ["LIBRARYNAME", "o*"]]))],
  (d) => ["FUNCTION", ...d.of([["STATS"], ["KILL"], ["x"], ["LIST", "x"]])],
  (d) => (d.chance(0.1) ? ["FUNCTION", "FLUSH"] : ["FUNCTION", "LIST"]),
];
