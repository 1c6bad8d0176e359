/** Scripts' `cjson`: JSON (reference: Mark Pulford's lua-cjson 2.1.0, as Redis has it). */
import { LUA, type LuaMachine } from "../../lua/machine.ts";
import { complain, integerArgument, textArgument, TYPE_NAMES } from "./arguments.ts";
import { type Gauge, INSTRUCTIONS_PER_BYTE } from "./budget.ts";
import { formatGeneral } from "./format-number.ts";
import type { ApiFunction } from "./host.ts";
import type { Interpreter } from "./interpreter.ts";
import { JsonDecoder } from "./json-decoder.ts";
import { placesOf, pushWritten } from "./writing.ts";

/** What scripts may set; it holds for all that follow, as in Redis. */
export interface JsonOptions {
  sparseConvert: boolean;
  sparseRatio: number;
  sparseSafe: number;
  encodeDepthMax: number;
  decodeDepthMax: number;
  /** "null": as null. */
  encodeInvalidNumbers: boolean | "null";
  decodeInvalidNumbers: boolean;
  encodeKeepBuffer: boolean;
  precision: number;
}

export function defaultJsonOptions(): JsonOptions {
  return {
    sparseConvert: false,
    sparseRatio: 2,
    sparseSafe: 10,
    encodeDepthMax: 1000,
    decodeDepthMax: 1000,
    encodeInvalidNumbers: false,
    decodeInvalidNumbers: true,
    encodeKeepBuffer: true,
    precision: 14,
  };
}

// -- encoding -----------------------------------------------------------------------------------------

function encode(interpreter: Interpreter): number {
  const { lua, json } = interpreter;
  if (lua.top !== 1) lua.argumentError(1, "expected 1 argument");
  return pushWritten(interpreter, (gauge) => new Encoder(interpreter, json, gauge).value(0));
}

class Encoder {
  readonly #interpreter: Interpreter;
  readonly #lua: LuaMachine;
  readonly #options: JsonOptions;
  readonly #gauge: Gauge;

  constructor(interpreter: Interpreter, options: JsonOptions, gauge: Gauge) {
    this.#interpreter = interpreter;
    this.#lua = interpreter.lua;
    this.#options = options;
    this.#gauge = gauge;
  }

  /** The value on top of the stack. */
  value(depth: number): string {
    const lua = this.#lua;
    const type = lua.type(-1);
    this.#reserve(type === LUA.string ? lua.length(-1) : 0);
    switch (type) {
      case LUA.string:
        return quote(lua.bytes(-1)!);
      case LUA.number:
        return this.#number(lua.number(-1));
      case LUA.boolean:
        return lua.boolean(-1) ? "true" : "false";
      case LUA.table:
        return this.#table(depth + 1);
      case LUA.nil:
        return "null";
      case LUA.lightUserData:
        return "null";
      default:
        return this.#fail(type, "type not supported");
    }
  }

  #reserve(bytes: number): void {
    if (!this.#gauge.hasRoom(bytes)) this.#lua.noMemory();
  }

  #number(value: number): string {
    if (Number.isFinite(value)) return formatGeneral(value, this.#options.precision);
    const how = this.#options.encodeInvalidNumbers;
    if (how === false) return this.#fail(LUA.number, "must not be NaN or Inf");
    if (how === "null") return "null";
    if (Number.isNaN(value)) return "nan";
    return value > 0 ? "inf" : "-inf";
  }

  #table(depth: number): string {
    const lua = this.#lua;
    if (depth > this.#options.encodeDepthMax || !lua.reserve(3)) {
      complain(lua, `Cannot serialise, excessive nesting (${depth})`);
    }
    const length = this.#arrayLength();
    return length > 0 ? this.#array(length, depth) : this.#object(depth);
  }

  /** The highest place of an array; -1 when the table is none, 0 when it is empty. */
  #arrayLength(): number {
    // An int of C's, which is its lowest where the key does not fit.
    const places = placesOf(this.#interpreter, { keyMax: 0x7fff_ffff });
    if (places === undefined) return -1;
    const { count, max } = places;
    const { sparseRatio, sparseSafe, sparseConvert } = this.#options;
    if (sparseRatio > 0 && max > count * sparseRatio && max > sparseSafe) {
      if (!sparseConvert) this.#fail(LUA.table, "excessively sparse array");
      return -1;
    }
    return max;
  }

  #array(length: number, depth: number): string {
    const lua = this.#lua;
    let text = "[";
    for (let place = 1; place <= length; place++) {
      lua.getAt(-1, place);
      text += (place > 1 ? "," : "") + this.value(depth);
      lua.pop();
    }
    return `${text}]`;
  }

  #object(depth: number): string {
    const lua = this.#lua;
    let text = "{";
    let isFirst = true;
    lua.pushNil();
    while (lua.next(-2)) {
      text += `${isFirst ? "" : ","}${this.#key()}:`;
      text += this.value(depth);
      lua.pop();
      isFirst = false;
    }
    return `${text}}`;
  }

  /** The key below the value on top. */
  #key(): string {
    const lua = this.#lua;
    const type = lua.type(-2);
    this.#reserve(type === LUA.string ? lua.length(-2) : 0);
    if (type === LUA.number) return `"${this.#number(lua.number(-2))}"`;
    if (type === LUA.string) return quote(lua.bytes(-2)!);
    return this.#fail(type, "table key must be a number or string");
  }

  #fail(type: number, why: string): never {
    return complain(this.#lua, `Cannot serialise ${TYPE_NAMES[type]}: ${why}`);
  }
}

/** What needs an escape in a string. Bytes above 127 go as they are. */
// oxlint-disable-next-line no-control-regex
const ESCAPED = /[\0-\x1f"\\/\x7f]/g;
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "/": "\\/",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
};

function quote(text: string): string {
  const escaped = text.replaceAll(
    ESCAPED,
    (char) => SHORT[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `"${escaped}"`;
}

// -- decoding -----------------------------------------------------------------------------------------

function decode(interpreter: Interpreter): number {
  const { lua, json } = interpreter;
  if (lua.top !== 1) lua.argumentError(1, "expected 1 argument");
  const text = textArgument(lua, 1);
  interpreter.spend(text.length * INSTRUCTIONS_PER_BYTE);
  new JsonDecoder(lua, text, json).run();
  return 1;
}

// -- settings -----------------------------------------------------------------------------------------

/** Sets an integer within bounds, if one is given, and returns what holds now. */
function integerOption(
  field: "encodeDepthMax" | "decodeDepthMax" | "precision",
  [min, max]: readonly [number, number],
): ApiFunction {
  return ({ lua, json }) => {
    atMost(lua, 1);
    if (lua.type(1) > LUA.nil) json[field] = integerIn(lua, 1, { min, max });
    lua.top = 0;
    lua.pushNumber(json[field]);
    return 1;
  };
}

function booleanOption(field: "encodeKeepBuffer" | "decodeInvalidNumbers"): ApiFunction {
  return ({ lua, json }) => {
    atMost(lua, 1);
    if (lua.type(1) > LUA.nil) json[field] = switchIn(lua, 1);
    lua.top = 0;
    lua.pushBoolean(json[field]);
    return 1;
  };
}

function encodeInvalidNumbers({ lua, json }: Interpreter): number {
  atMost(lua, 1);
  if (lua.type(1) === LUA.string && lua.bytes(1) === "null") json.encodeInvalidNumbers = "null";
  else if (lua.type(1) > LUA.nil) json.encodeInvalidNumbers = switchIn(lua, 1);
  lua.top = 0;
  if (json.encodeInvalidNumbers === "null") lua.pushBytes("null");
  else lua.pushBoolean(json.encodeInvalidNumbers);
  return 1;
}

function encodeSparseArray({ lua, json }: Interpreter): number {
  atMost(lua, 3);
  if (lua.type(1) > LUA.nil) json.sparseConvert = switchIn(lua, 1);
  if (lua.type(2) > LUA.nil) json.sparseRatio = integerIn(lua, 2, { min: 0, max: 0x7fff_ffff });
  if (lua.type(3) > LUA.nil) json.sparseSafe = integerIn(lua, 3, { min: 0, max: 0x7fff_ffff });
  lua.top = 0;
  lua.pushBoolean(json.sparseConvert);
  lua.pushNumber(json.sparseRatio);
  lua.pushNumber(json.sparseSafe);
  return 3;
}

function atMost(lua: LuaMachine, count: number): void {
  if (lua.top > count) lua.argumentError(count + 1, "found too many arguments");
}

/** Complains of the first argument, whichever it is, as lua-cjson does. */
function integerIn(
  lua: LuaMachine,
  place: number,
  { min, max }: { min: number; max: number },
): number {
  const value = integerArgument(lua, place);
  if (value >= min && value <= max) return value;
  return lua.argumentError(1, `expected integer between ${min} and ${max}`);
}

function switchIn(lua: LuaMachine, place: number): boolean {
  if (lua.type(place) === LUA.boolean) return lua.boolean(place);
  const text = textArgument(lua, place);
  if (text === "on" || text === "off") return text === "on";
  return lua.argumentError(place, `invalid option '${text}'`);
}

/** A library of its own settings, in Lua-CJSON; here all share one. */
function create({ lua }: Interpreter): number {
  lua.getField(LUA.globals, "cjson");
  return 1;
}

export const CJSON: Readonly<Record<string, ApiFunction>> = {
  encode,
  decode,
  new: create,
  encode_sparse_array: encodeSparseArray,
  encode_max_depth: integerOption("encodeDepthMax", [1, 0x7fff_ffff]),
  decode_max_depth: integerOption("decodeDepthMax", [1, 0x7fff_ffff]),
  encode_number_precision: integerOption("precision", [1, 14]),
  encode_keep_buffer: booleanOption("encodeKeepBuffer"),
  encode_invalid_numbers: encodeInvalidNumbers,
  decode_invalid_numbers: booleanOption("decodeInvalidNumbers"),
};

export const CJSON_CONSTANTS = { _NAME: "cjson", _VERSION: "2.1.0" } as const;
