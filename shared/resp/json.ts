/** Replies -> JSON as Upstash's REST API shapes it: RESP2's types, and nothing else. */
import { unreachable } from "../base/assert.ts";
import { binaryToUtf8 } from "../base/bytes.ts";
import { formatDouble } from "../base/numbers.ts";
import {
  BigNumber,
  Bool,
  Double,
  MapReply,
  NilArray,
  NoReply,
  Push,
  Replies,
  type Reply,
  ReplyError,
  SetReply,
  Status,
  Verbatim,
} from "./reply.ts";

/** A global of both runtimes: the bytes of a binary string -> padded standard base64. */
declare function btoa(binary: string): string;

export type Json = string | number | null | readonly Json[];

export interface JsonOptions {
  /** `Upstash-Encoding: base64`: every string is encoded, as only so they carry any bytes. */
  readonly base64?: boolean;
}

/**
 * What stands behind `"result"`. No floats, booleans or objects: SDKs fail on them. Doubles are
 * strings, and so are integers that JSON readers would round; maps are flat. An error as the reply
 * itself is the caller's to say, as `{"error": …}`; one inside an array is its text.
 */
export function replyToJson(reply: Reply, options: JsonOptions = {}): Json {
  const text = options.base64 === true ? btoa : binaryToUtf8;
  // SDKs know this status as it is, but only here: inside an array they decode it like any string.
  if (reply instanceof Status && reply.text === "OK") return "OK";
  return shape(reply, text);
}

function shape(reply: Reply, text: (binary: string) => string): Json {
  if (typeof reply === "string") return text(reply);
  if (typeof reply === "number") return Number.isSafeInteger(reply) ? reply : String(reply);
  if (typeof reply === "bigint") return integer(reply);
  if (reply === null) return null;
  if (Array.isArray(reply)) return (reply as readonly Reply[]).map((item) => shape(item, text));
  return shapeOther(reply as Exclude<typeof reply, readonly Reply[]>, text);
}

type Other = Exclude<Reply, string | number | bigint | null | readonly Reply[]>;

function shapeOther(reply: Other, text: (binary: string) => string): Json {
  const all = (items: readonly Reply[]): Json => items.map((item) => shape(item, text));
  if (reply instanceof Status || reply instanceof ReplyError) return text(reply.text);
  if (reply instanceof Verbatim) return text(reply.text);
  if (reply instanceof NilArray || reply instanceof NoReply) return null;
  if (reply instanceof MapReply) return all(reply.flat);
  if (reply instanceof SetReply || reply instanceof Push) return all(reply.items);
  if (reply instanceof Replies) return all(reply.items);
  if (reply instanceof Double) return text(formatDouble(reply.value));
  if (reply instanceof Bool) return reply.value ? 1 : 0;
  if (reply instanceof BigNumber) return text(reply.digits);
  return unreachable(reply);
}

function integer(value: bigint): number | string {
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : String(value);
}
