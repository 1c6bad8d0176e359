// Puts a meter into a module of WebAssembly: what runs in it takes fuel, and where none is left the host is
// asked for more, who may throw instead. A turn of a loop takes one, and a call of a function that calls
// others: of these is made whatever can take long. What the meter does not know it refuses.
// (WebAssembly Core Specification 2.0, chapter 5: the binary format.)

/** What the host gives the metered module, `() => i32`: how much fuel there is from now on. */
export const REFILL = { module: "meter", name: "refill" } as const;

/** Indices of what the meter adds, behind those of their kind that are there. */
interface Places {
  /** The type of the function. */
  type: number;
  /** The function: it is imported, so that those of the module itself are one further from then on. */
  refill: number;
  /** The global with what is left. */
  fuel: number;
}

/** How sections are rewritten, by their number; each comes behind those that its places are known from. */
const SECTIONS: Readonly<Record<number, (from: Reader, to: Writer, places: Places) => void>> = {
  1: types,
  2: imports,
  6: globals,
  7: exports,
  8: () => refuse("a start function"),
  9: elements,
  10: functions,
};

const HEADER_BYTES = 8;

/** The same module with a meter. */
export function meter(module: Uint8Array): Uint8Array<ArrayBuffer> {
  const from = new Reader(module);
  const to = new Writer();
  const places: Places = { type: 0, refill: 0, fuel: 0 };
  to.bytes(from.bytes(HEADER_BYTES));
  while (!from.isAtEnd) {
    const id = from.byte();
    const content = new Reader(from.bytes(from.number()));
    const section = new Writer();
    SECTIONS[id]?.(content, section, places);
    section.bytes(content.rest());
    to.byte(id);
    to.sized(section);
  }
  return to.whole;
}

// -- sections ------------------------------------------------------------------------------------

const FUNCTION = 0;
const FUNCTION_TYPE = 0x60;
const I32 = 0x7f;
const IS_MUTABLE = 1;

function types(from: Reader, to: Writer, places: Places): void {
  places.type = from.number();
  to.number(places.type + 1);
  to.bytes(from.rest());
  to.bytes([FUNCTION_TYPE, 0, 1, I32]);
}

function imports(from: Reader, to: Writer, places: Places): void {
  const count = from.number();
  const start = from.at;
  for (let i = 0; i < count; i++) {
    from.bytes(from.number());
    from.bytes(from.number());
    if (from.byte() !== FUNCTION) refuse("an import that is no function");
    from.number();
  }
  places.refill = count;
  to.number(count + 1);
  to.bytes(from.since(start));
  to.text(REFILL.module);
  to.text(REFILL.name);
  to.byte(FUNCTION);
  to.number(places.type);
}

function globals(from: Reader, to: Writer, places: Places): void {
  places.fuel = from.number();
  to.number(places.fuel + 1);
  to.bytes(from.rest());
  to.bytes([I32, IS_MUTABLE, OP.i32Const, 0, OP.end]);
}

function exports(from: Reader, to: Writer, places: Places): void {
  const count = from.number();
  to.number(count);
  for (let i = 0; i < count; i++) {
    const start = from.at;
    from.bytes(from.number());
    const kind = from.byte();
    to.bytes(from.since(start));
    to.number(kind === FUNCTION ? moved(from.number(), places) : from.number());
  }
}

/** What is in the table of functions from the start. */
function elements(from: Reader, to: Writer, places: Places): void {
  const count = from.number();
  to.number(count);
  for (let i = 0; i < count; i++) {
    const start = from.at;
    if (from.number() !== 0 || from.byte() !== OP.i32Const) refuse("elements of this kind");
    from.number();
    if (from.byte() !== OP.end) refuse("elements of this kind");
    to.bytes(from.since(start));
    const length = from.number();
    to.number(length);
    for (let j = 0; j < length; j++) to.number(moved(from.number(), places));
  }
}

function functions(from: Reader, to: Writer, places: Places): void {
  const count = from.number();
  to.number(count);
  for (let i = 0; i < count; i++) to.sized(metered(new Reader(from.bytes(from.number())), places));
}

/** Where a function stands behind the import that is new. */
function moved(index: number, { refill }: Places): number {
  return index < refill ? index : index + 1;
}

// -- code ----------------------------------------------------------------------------------------

/** Instructions that are written, or looked at. */
const OP = {
  loop: 0x03,
  if: 0x04,
  end: 0x0b,
  branchTable: 0x0e,
  call: 0x10,
  callIndirect: 0x11,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Const: 0x41,
  f32Const: 0x43,
  f64Const: 0x44,
  i32LessThan: 0x48,
  i32Subtract: 0x6b,
  prefix: 0xfc,
} as const;
const NO_RESULT = 0x40;

/** How many numbers come behind instructions, from one to another. */
const OPERANDS = [
  [0x00, 0x01, 0], // unreachable, nop
  [0x02, 0x04, 1], // block, loop, if: a type
  [0x05, 0x05, 0], // else
  [0x0b, 0x0b, 0], // end
  [0x0c, 0x0d, 1], // br, br_if
  [0x0f, 0x0f, 0], // return
  [0x10, 0x10, 1], // call
  [0x11, 0x11, 2], // call_indirect: a type, a table
  [0x1a, 0x1b, 0], // drop, select
  [0x20, 0x24, 1], // variables
  [0x28, 0x3e, 2], // loads and stores: alignment, offset
  [0x3f, 0x42, 1], // memory.size, memory.grow, i32.const, i64.const
  [0x45, 0xc4, 0], // arithmetic
] as const;
/** Of those behind the prefix, conversions; then come copies of any length. */
const CONVERSION_MAX = 7;

/** A function's code: where its variables are said, and then its instructions. */
function metered(from: Reader, places: Places): Writer {
  const to = new Writer();
  skipLocals(from);
  to.bytes(from.since(0));
  const body = new Writer();
  let copied = from.at;
  let callsOthers = false;
  while (!from.isAtEnd) {
    const { at } = from;
    const op = from.byte();
    if (op === OP.call) {
      body.bytes(from.between(copied, at + 1));
      body.number(moved(from.number(), places));
      copied = from.at;
    } else skipOperands(op, from);
    if (op === OP.call || op === OP.callIndirect) callsOthers = true;
    if (op === OP.loop) {
      body.bytes(from.since(copied));
      takeFuel(body, places);
      copied = from.at;
    }
  }
  body.bytes(from.since(copied));
  if (callsOthers) takeFuel(to, places);
  to.bytes(body.whole);
  return to;
}

function skipLocals(from: Reader): void {
  for (let groups = from.number(); groups > 0; groups--) {
    from.number();
    from.byte();
  }
}

function skipOperands(op: number, from: Reader): void {
  if (op === OP.branchTable) for (let count = from.number() + 1; count > 0; count--) from.number();
  else if (op === OP.f32Const) from.bytes(4);
  else if (op === OP.f64Const) from.bytes(8);
  else if (op === OP.prefix) {
    if (from.number() > CONVERSION_MAX) refuse("an instruction of bulk memory");
  } else {
    const known = OPERANDS.find(([first, last]) => op >= first && op <= last);
    if (known === undefined) return refuse(`instruction ${op}`);
    for (let count: number = known[2]; count > 0; count--) from.number();
  }
}

/** `if (--fuel < 0) fuel = refill();` */
function takeFuel(to: Writer, { fuel, refill }: Places): void {
  to.instruction(OP.globalGet, fuel);
  to.instruction(OP.i32Const, 1);
  to.instruction(OP.i32Subtract);
  to.instruction(OP.globalSet, fuel);
  to.instruction(OP.globalGet, fuel);
  to.instruction(OP.i32Const, 0);
  to.instruction(OP.i32LessThan);
  to.instruction(OP.if, NO_RESULT);
  to.instruction(OP.call, refill);
  to.instruction(OP.globalSet, fuel);
  to.instruction(OP.end);
}

function refuse(what: string): never {
  throw new Error(`the meter does not know ${what}`);
}

// -- bytes ---------------------------------------------------------------------------------------

class Reader {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.at++]!;
  }

  bytes(count: number): Uint8Array {
    this.at += count;
    return this.since(this.at - count);
  }

  /** LEB128 without sign; of one with a sign, what is returned means nothing. */
  number(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  since(start: number): Uint8Array {
    return this.between(start, this.at);
  }

  between(start: number, end: number): Uint8Array {
    return this.#bytes.subarray(start, end);
  }

  rest(): Uint8Array {
    return this.bytes(this.#bytes.length - this.at);
  }
}

class Writer {
  readonly #bytes: number[] = [];

  get whole(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.#bytes);
  }

  byte(value: number): void {
    this.#bytes.push(value);
  }

  bytes(values: Iterable<number>): void {
    for (const value of values) this.#bytes.push(value);
  }

  number(value: number): void {
    let left = value;
    for (; left >= 128; left = Math.floor(left / 128)) this.byte((left % 128) | 128);
    this.byte(left);
  }

  text(value: string): void {
    this.number(value.length);
    this.bytes(Buffer.from(value, "latin1"));
  }

  instruction(op: number, operand?: number): void {
    this.byte(op);
    if (operand !== undefined) this.number(operand);
  }

  /** With its length in front. */
  sized({ whole }: Writer): void {
    this.number(whole.length);
    this.bytes(whole);
  }
}
