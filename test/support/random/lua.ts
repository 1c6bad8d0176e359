// Lua by chance: expressions over few values, commands of other groups, round trips through the
// libraries. No clock, and nothing whose order or address is each server's own; no table as an error
// without a text either, of which redis-server 7.0.15 dies.

import type { Draw, Maker } from "../random-commands.ts";
import { MAKERS as BASE } from "../random-commands.ts";
import { MAKERS as BITMAP } from "./bitmap.ts";
import { MAKERS as GEO } from "./geo.ts";
import { MAKERS as HASH } from "./hash.ts";
import { MAKERS as HYPERLOGLOG } from "./hyperloglog.ts";
import { MAKERS as LIST } from "./list.ts";
import { MAKERS as SET } from "./set.ts";
import { MAKERS as STREAM } from "./stream.ts";
import { MAKERS as ZSET } from "./zset.ts";

const COMMANDS: readonly Maker[] = [
  [BASE, BASE, BITMAP, GEO, HASH, HYPERLOGLOG, LIST, SET, STREAM, ZSET].flat(),
  [(d: Draw) => ["NOPE", d.value()], (d: Draw) => [d.of(["GET", "SUBSCRIBE", "EVAL", "MULTI"])]],
].flat();
/**
 * Not inside scripts, whose replies are compared as they are: what tells of a clock or of memory, and what
 * empties everything. What has no order is counted, or put into one.
 */
const UNFIT =
  /^(debug|dump|expiretime|flush.*|h?p?expiretime|hgetdel|h?p?ttl|hrandfield|[hsz]?scan|object|randomkey|restore|spop|srandmember|swapdb|time|xautoclaim|xclaim|xinfo|xpending|xreadgroup|zrandmember)$/i;
/** They take arguments that came after Redis 7.0. */
const NEWER = /^z(rev)?rank$/i;
const UNORDERED = /^(hgetall|hkeys|hvals|keys|sdiff|sinter|smembers|sunion)$/i;

const NUMBERS =
  "0 1 -1 2 3 7 10 255 -128 0.5 -1.5 3.99 1e3 65536 1e10 2^31 2^32 -2^31 2^53 1e15 123456789012345 1e100 1e-7 1/3 1/0".split(
    " ",
  );
const TEXTS = [
  "''",
  "'a'",
  "'abc'",
  "'Hello World'",
  "'10'",
  "' 10 '",
  "'0x1F'",
  "'1e3'",
  "'nil'",
  "'a,b,,c'",
  "'x=1;y=22'",
  "'\\0\\1\\255'",
  "'\\r\\n'",
  "'{\"a\":[1,2]}'",
  "('xyz'):rep(20)",
] as const;
const PATTERNS = [
  "'a'",
  "'%a+'",
  "'(%w+)=(%w+)'",
  "'[^,]*'",
  "'^%s*(.-)%s*$'",
  "'%d'",
  "'.'",
  "''",
  "'()b'",
  "'%z'",
  "'[%z\\1]'",
  "'(a'",
  "'%'",
  "'[a'",
] as const;
const REPLACEMENTS = [
  "'-'",
  "'<%0>'",
  "'%1%1'",
  "'%2'",
  "{a='A', b=true}",
  "string.upper",
] as const;
const FORMATS = [
  "d",
  "i",
  "u",
  "x",
  "X",
  "o",
  "c",
  "s",
  "q",
  "f",
  "e",
  "g",
  "5.1f",
  "-8s",
  "08d",
  "+d",
  ".3s",
  "#x",
  ".14g",
  "z",
] as const;
const PACKS = [
  "b",
  "B",
  "h",
  "H",
  "l",
  "L",
  "i",
  "I",
  "i3",
  "I5",
  "f",
  "d",
  "s",
  "c0",
  "c2",
  "x",
  ">h",
  "<i",
  "!4bi",
  ">d",
  " ",
] as const;

const TOKENS = [
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  '"a"',
  '"\\u00e9"',
  '"\\ud83d\\ude00"',
  '"\\x"',
  "1",
  "-1.5e3",
  "0x1f",
  "nan",
  "-inf",
  "01",
  "true",
  "false",
  "null",
  " ",
  "\n",
  "\0",
  "'",
  '"',
  "tru",
] as const;
const BYTES = [
  "\0",
  "\x01",
  "\x7f",
  "\x81",
  "\x82",
  "\x92",
  "\x93",
  "\xa2",
  "\xc0",
  "\xc1",
  "\xc3",
  "\xca",
  "\xcb",
  "\xcc",
  "\xcd",
  "\xcf",
  "\xd0",
  "\xd3",
  "\xd9",
  "\xda",
  "\xdc",
  "\xde",
  "\xff",
  "ab",
  "\0\0\0\x01",
] as const;

// -- expressions -------------------------------------------------------------------------------------

function number(d: Draw, depth = 2): string {
  if (depth === 0 || d.chance(0.4)) return `(${d.of(NUMBERS)})`;
  const [a, b] = [number(d, depth - 1), number(d, depth - 1)];
  if (d.chance(0.5)) return `(${a} ${d.of(["+", "-", "*", "/", "%"])} ${b})`;
  const [one, more] = [d.of(["abs", "ceil", "floor", "sqrt"]), d.of(["max", "min", "fmod", "pow"])];
  return d.of([
    `math.${one}(${a})`,
    `math.${more}(${a}, ${b})`,
    `#${text(d, depth - 1)}`,
    `#${table(d, depth - 1)}`,
    `(tonumber(${text(d, depth - 1)}${d.chance(0.3) ? `, ${d.of(["2", "8", "10", "16", "36"])}` : ""}) or 0)`,
    `bit.${d.of(["band", "bor", "bxor", "lshift", "rshift", "arshift", "rol", "ror"])}(${a}, ${b})`,
    `bit.${d.of(["tobit", "bnot", "bswap"])}(${a})`,
    `(string.byte(${text(d, depth - 1)}) or 0)`,
  ]);
}

function text(d: Draw, depth = 2): string {
  if (depth === 0 || d.chance(0.4))
    return d.chance(0.2) ? d.of(["KEYS[1]", "ARGV[1]"]) : d.of(TEXTS);
  const inner = text(d, depth - 1);
  return d.of([
    `(${inner} .. ${d.of([text(d, depth - 1), whole(d)])})`,
    `tostring(${number(d, depth - 1)})`,
    `string.${d.of(["upper", "lower", "reverse"])}(${inner})`,
    `string.sub(${inner}, ${whole(d)}, ${whole(d)})`,
    `string.rep(${inner}, ${d.of(["0", "1", "3", "-1"])})`,
    `(string.gsub(${inner}, ${d.of(PATTERNS)}, ${d.of(REPLACEMENTS)}))`,
    `(string.match(${inner}, ${d.of(PATTERNS)}) or 'none')`,
    `string.format('%${d.of(FORMATS)}|%${d.of(FORMATS)}', ${value(d, 0)}, ${value(d, 0)})`,
    `table.concat({${text(d, 0)}, ${whole(d)}}, ${d.of(TEXTS)})`,
    `bit.tohex(${number(d, depth - 1)}, ${d.of(["1", "4", "8", "-8"])})`,
    `redis.sha1hex(${inner})`,
    `cjson.encode(${value(d, depth - 1)})`,
    `cmsgpack.pack(${value(d, depth - 1)})`,
    `struct.pack('${d.of(PACKS)}${d.of(PACKS)}', ${value(d, 0)}, ${value(d, 0)})`,
  ]);
}

/** Nearly JSON. */
function json(d: Draw): string {
  return quote(d.some(7, () => [d.of(TOKENS)]).join(""));
}

/** What MessagePack and struct find many a beginning in. */
function bytes(d: Draw): string {
  return quote(d.some(9, () => [d.of(BYTES)]).join(""));
}

function whole(d: Draw): string {
  return d.of(["0", "1", "2", "3", "-1", "-2", "5", "100"]);
}

function table(d: Draw, depth: number): string {
  const size = Math.floor(d.chance(0.5) ? 2 : 4);
  const items = Array.from({ length: size }, () => value(d, depth - 1));
  if (d.chance(0.6)) return `({${items.join(", ")}})`;
  const names = ["a", "b", "ok", "err", "map", "set", "[1]", "[2.5]", "[10]"];
  return `({${items.map((item) => `${d.of(names)}=${item}`).join(", ")}})`;
}

function value(d: Draw, depth: number): string {
  if (depth <= 0) {
    return d.chance(0.5)
      ? number(d, 0)
      : d.chance(0.6)
        ? text(d, 0)
        : d.of(["true", "false", "nil"]);
  }
  return d.of([number, text, table])(d, depth);
}

/** Several values at once. */
function many(d: Draw): string {
  return d.of([
    `select(${whole(d)}, ${value(d, 1)}, ${value(d, 1)}, ${value(d, 1)})`,
    `unpack(${table(d, 1)})`,
    `string.find(${text(d)}, ${d.of(PATTERNS)}, ${whole(d)})`,
    `string.byte(${text(d)}, 1, 5)`,
    `string.gsub(${text(d)}, ${d.of(PATTERNS)}, ${d.of(REPLACEMENTS)}, ${whole(d)})`,
    `cjson.decode(cjson.encode(${value(d, 2)}))`,
    `cjson.decode(${text(d)})`,
    `cjson.decode(${json(d)})`,
    `cjson.decode(${json(d)})`,
    `cmsgpack.unpack(${bytes(d)})`,
    `cmsgpack.unpack_one(${bytes(d)}, ${whole(d)})`,
    `struct.unpack('${d.of(PACKS)}${d.of(PACKS)}', ${bytes(d)}, ${whole(d)})`,
    `cmsgpack.unpack(cmsgpack.pack(${value(d, 2)}, ${value(d, 1)}))`,
    `cmsgpack.unpack_limit(cmsgpack.pack(${value(d, 1)}, ${value(d, 1)}), ${whole(d)}, ${whole(d)})`,
    `cmsgpack.unpack(${text(d, 1)})`,
    `struct.unpack('${d.of(PACKS)}${d.of(PACKS)}', ${text(d)}, ${d.of(["1", "2", "0"])})`,
    `struct.unpack('${d.of(PACKS)}', struct.pack('${d.of(PACKS)}', ${number(d)}))`,
    `struct.size('${d.of(PACKS)}${d.of(PACKS)}')`,
    `pcall(error, ${text(d, 1)})`,
    `pcall(function() return ${value(d, 2)} end)`,
    `pcall(function() error(${number(d, 1)}) end)`,
    `xpcall(function() return nil .. ${value(d, 1)} end, function(e) return e end)`,
    `loadstring('return ' .. ${text(d, 1)})`,
  ]);
}

// -- commands ----------------------------------------------------------------------------------------

function call(d: Draw, how = d.of(["call", "pcall"])): string {
  return `redis.${how}(${command(d, isOrdered)})`;
}

/** A command whose reply is an array, in an order of its own; a table with its items in one order. */
function sortedCall(d: Draw): string {
  const read = d.of(["HKEYS", "HVALS", "SMEMBERS", "SUNION", "SDIFF", "SINTER", "HGETALL"]);
  const items = `redis.pcall('${read}', ${quote(d.key())})`;
  return `(function(t) if not t.err then table.sort(t) end return t end)(${items})`;
}

function command(d: Draw, isFit: (name: string) => boolean): string {
  for (;;) {
    const args = d.of(COMMANDS)(d);
    const name = args[0]!;
    if (UNFIT.test(name) || !isFit(name) || takesTime(args)) continue;
    return NEWER.test(name) || d.chance(0.9)
      ? args.map(quote).join(", ")
      : args.map(quote).concat(value(d, 0)).join();
  }
}

/** XADD with an ID of the clock's. */
function takesTime([name = "", ...args]: readonly string[]): boolean {
  return /^xadd$/i.test(name) && args.includes("*");
}

function quote(text: string): string {
  let quoted = "";
  for (const char of text) {
    const code = char.charCodeAt(0);
    const isPlain = code >= 32 && code < 127 && char !== "'" && char !== "\\";
    quoted += isPlain ? char : `\\${String(code).padStart(3, "0")}`;
  }
  return `'${quoted}'`;
}

// -- scripts -----------------------------------------------------------------------------------------

/** Settings of cjson, which stay from script to script. */
export const SETTINGS = [
  "cjson.encode_sparse_array(true, 2, 3)",
  "cjson.encode_sparse_array(false, 2, 10)",
  "cjson.encode_max_depth(2)",
  "cjson.encode_max_depth(1000)",
  "cjson.decode_max_depth(2)",
  "cjson.decode_max_depth(1000)",
  "cjson.encode_number_precision(3)",
  "cjson.encode_number_precision(14)",
  "cjson.encode_invalid_numbers(true)",
  "cjson.encode_invalid_numbers('null')",
  "cjson.encode_invalid_numbers(false)",
  "cjson.decode_invalid_numbers(false)",
  "cjson.decode_invalid_numbers(true)",
  "cjson.encode_keep_buffer(false)",
] as const;
const DEFAULTS = `cjson.encode_sparse_array(false, 2, 10) cjson.encode_max_depth(1000)
cjson.decode_max_depth(1000) cjson.encode_number_precision(14) cjson.encode_invalid_numbers(false)
cjson.decode_invalid_numbers(true)`;

/** With settings of its own, which are taken back: those of functions outlive everything in Redis. */
function withSettings(d: Draw, expression: string): string {
  const settings = [d.of(SETTINGS), ...d.some(1, () => [d.of(SETTINGS)])].join(" ");
  return `${settings} local r = {pcall(${expression})} ${DEFAULTS} return r`;
}

/** As texts, and of a set nobody else has: numbers, and what C takes for no text, Redis takes otherwise. */
function sorted(d: Draw): string {
  const by = d.of(["'BY', 'nosort', ", "'BY', 'nosort', 'DESC', ", "'ALPHA', "]);
  const limit = d.of(["", "", "'LIMIT', 1, 2, "]);
  const get = d.of(["", "'GET', '#', ", "'GET', '#', 'GET', 'a', ", "'STORE', 'sort:list', "]);
  const members = d.some(5, () => [d.of(["1", "2", "3", "10", "20", "-5"])]).concat("7");
  const sort = `redis.call('SORT', 'sort:set', ${by}${limit}${get}'ASC')`;
  return `redis.call('SADD', 'sort:set', ${members.join()}) return ${sort}`;
}

const API = [
  "REDIS_VERSION_NUM > 0, redis.LOG_WARNING, redis.REPL_ALL",
  "log(redis.LOG_DEBUG, 'x')",
  "log('x')",
  "log(9, 'x')",
  "replicate_commands()",
  "set_repl(redis.REPL_ALL)",
  "set_repl(99)",
  "set_repl()",
  "setresp()",
  "acl_check_cmd('GET', 'x')",
  "acl_check_cmd('nope')",
  "acl_check_cmd()",
  "call()",
  "pcall()",
  "pcall('GET', {})",
  "pcall('GET', true)",
  "call('GET', nil)",
  "sha1hex()",
  "sha1hex({})",
  "sha1hex(1.5)",
  "error_reply()",
  "status_reply(1)",
  "error_reply('-A b')",
  "error_reply({})",
  "register_function('f', function() end)",
] as const;

/** What scripts may not do, or may but to no effect. */
const ESCAPES = [
  "x = 1",
  "return x",
  "_G.x = 1",
  "rawset(_G, 'x', 1)",
  "redis.x = 1",
  "string.x = 1",
  "cjson.encode = nil",
  "setmetatable(_G, {})",
  "setmetatable(redis, {})",
  "return getmetatable('') ~= nil",
  "getmetatable('').__index = nil",
  "return type(getmetatable(_G))",
  "return type(getfenv)",
  "return type(setfenv), type(newproxy), type(dofile), type(loadfile), type(require), type(print)",
  "return type(os.time), type(io), type(debug), type(package)",
  "return load(function() return nil end)",
  "return loadstring('return x')()",
  "return loadstring('x = 1')()",
  "return loadstring('\\27Lua')",
  "local t = setmetatable({}, {__index = function(_, k) return k .. '!' end}) return t.abc",
  "local t = setmetatable({}, {__tostring = function() return 'me' end}) return tostring(t)",
  "return setmetatable({1, 2}, {__call = function(self, a) return a end})(7)",
  "return #KEYS, #ARGV, KEYS[2], ARGV[2]",
  "KEYS[1] = 'other' return KEYS[1]",
  "KEYS = {} return #KEYS",
  "for i = 1, 1e4 do local t = {} t[1] = i end return 1",
  "return coroutine.status(coroutine.create(function() end)), coroutine.running()",
  "return table.concat({1, {}, 3})",
  "return ('x'):rep(3, ',')",
  "return string.format('%d', 'x')",
  "return math.random(10), math.random(0)",
  "math.randomseed(5) return math.random(100)",
  "return select('#', unpack({1, nil, 3}, 1, 3))",
  "return tostring(2^53), tostring(-0), 1e15, 10 / 3",
  "return table.getn({1, 2}), table.maxn({[10] = 1})",
  "return next({}), type(next), rawequal('a', 'a'), rawget({a=1}, 'a')",
  "local a <const> = 1",
  "goto done",
  "return 5 // 2",
] as const;

const isOrdered = (name: string): boolean => !UNORDERED.test(name);

/** Without what has no value: its sign is each server's own. */
const NUMBERS_ONLY = "local function n(x) if x ~= x then return 'nan' end return x end";

/** A script's text, or a function's. */
export function body(d: Draw): string {
  return d.of<() => string>([
    () => `${NUMBERS_ONLY} return n(${number(d, 3)})`,
    () => `return ${text(d, 3)}`,
    () => `return ${table(d, 3)}`,
    () => `return {${many(d)}}`,
    () => `local t = {${many(d)}} return {#t, type(t[1]), type(t[2]), t[2]}`,
    () => `return ${call(d)}`,
    () => `return ${call(d)}`,
    () => `return {${call(d, "pcall")}, ${call(d, "pcall")}, ${call(d, "pcall")}}`,
    () => `local r = ${call(d)} return {type(r), type(r) == 'table' and #r or r}`,
    () => `return cjson.encode(${call(d, "pcall")})`,
    () => `return {cmsgpack.unpack(cmsgpack.pack(${call(d, "pcall")}))}`,
    () => `local ok, e = pcall(function() return ${call(d, "call")} end) return {tostring(ok), e}`,
    () => `for i = 1, 3 do ${call(d)} end return ${call(d)}`,
    () => `for i = 1, 10 do redis.call('RPUSH', KEYS[1], i * ${number(d, 1)}) end`,
    () => `${call(d)} error(${text(d, 1)})`,
    () => `if ${value(d, 2)} == ${value(d, 2)} then return 'same' end return 'other'`,
    () => `if ${number(d)} < ${number(d)} then return 'less' end return 'more'`,
    () =>
      `local co = coroutine.wrap(function(x) x = coroutine.yield(x) return ${call(d)} end) return {co(1), co(2)}`,
    () => `redis.setresp(3) return ${call(d)}`,
    () => `return ${sortedCall(d)}`,
    () => `return cjson.encode(${sortedCall(d)})`,
    () => `redis.setresp(${d.of(["2", "3", "4", "'3'"])}) return {${call(d)}, ${call(d, "pcall")}}`,
    () => withSettings(d, `${d.of(["cjson.encode", "cjson.decode"])}, ${json(d)}`),
    () => withSettings(d, `cjson.encode, ${value(d, 2)}`),
    () => sorted(d),
    () => `error({err=tostring(${text(d, 1)})})`,
    () =>
      `local ok, e = pcall(redis.call, ${command(d, isOrdered)}) return {tostring(ok), type(e), e}`,
    () => `return {redis.${d.of(API)}}`,
    () => `return {pcall(function() ${d.of(ESCAPES)} end)}`,
    () =>
      `local t = {} for k, v in pairs(${table(d, 1)}) do t[#t+1] = tostring(k) end table.sort(t) return t`,
    () => `redis.setresp(3) return cjson.encode(${call(d, "pcall")})`,
    () => `return redis.${d.of(["error_reply", "status_reply"])}(${text(d, 1)})`,
    () =>
      `return ${d.of(["x", "nil", "KEYS", "ARGV[2]", "#KEYS", "redis.x", "({})()", "1 .. {}"])}`,
  ])();
}
