/**
 * What a command answers, before a protocol shapes it: RESP2, RESP3 and JSON are written from the same
 * values. The common cases are plain JavaScript values, so that a GET allocates nothing for its reply.
 *
 * | Redis calls it | here |
 * |---|---|
 * | bulk string | `string` (binary, see base/bytes) |
 * | integer | `number` (safe integers) or `bigint` |
 * | nil | `null` |
 * | array | an array |
 * | the rest | a class below |
 */
export type Reply =
  | string
  | number
  | bigint
  | null
  | readonly Reply[]
  | Status
  | ReplyError
  | NilArray
  | MapReply
  | SetReply
  | Double
  | Bool
  | BigNumber
  | Verbatim
  | Push
  | Replies
  | NoReply;

/** `+OK`: a simple string without CR or LF. */
export class Status {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/**
 * `-ERR …`: the client's mistake. Thrown by argument parsing and checks, never once a change has begun.
 * Not an Error: no stack is collected, as a hostile client may cause millions.
 */
export class ReplyError {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** RESP2 `*-1`, RESP3 `_`: EXEC after a WATCHed key changed, BLPOP after its timeout. */
export class NilArray {
  readonly kind = "nil-array";
}

/** RESP3 `%`; RESP2: a flat array. Keys and values alternate. */
export class MapReply {
  readonly flat: readonly Reply[];
  constructor(flat: readonly Reply[]) {
    this.flat = flat;
  }
}

/** RESP3 `~`; RESP2: an array. */
export class SetReply {
  readonly items: readonly Reply[];
  constructor(items: readonly Reply[]) {
    this.items = items;
  }
}

/** RESP3 `,`; RESP2: a bulk string of the same digits. */
export class Double {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** RESP3 `#t`/`#f`; RESP2: 1 or 0. */
export class Bool {
  readonly value: boolean;
  constructor(value: boolean) {
    this.value = value;
  }
}

/** RESP3 `(`; RESP2: a bulk string. Decimal digits. */
export class BigNumber {
  readonly digits: string;
  constructor(digits: string) {
    this.digits = digits;
  }
}

/** RESP3 `=txt:…`; RESP2: a bulk string. */
export class Verbatim {
  readonly format: "txt" | "mkd";
  readonly text: string;
  constructor(format: "txt" | "mkd", text: string) {
    this.format = format;
    this.text = text;
  }
}

/** RESP3 `>`; RESP2: an array. Sent out of order with replies. */
export class Push {
  readonly items: readonly Reply[];
  constructor(items: readonly Reply[]) {
    this.items = items;
  }
}

/**
 * Several replies, one after the other, where a command has one for each of its arguments (SUBSCRIBE). In
 * the reply to an EXEC they stand in place of one, as in Redis.
 */
export class Replies {
  readonly items: readonly Push[];
  constructor(items: readonly Push[]) {
    this.items = items;
  }
}

/** The command answers later (it blocks), or never (REPLCONF ACK). */
export class NoReply {
  readonly kind = "no-reply";
}

export const OK = new Status("OK");
export const QUEUED = new Status("QUEUED");
export const PONG = new Status("PONG");
export const NIL_ARRAY = new NilArray();
export const NO_REPLY = new NoReply();
