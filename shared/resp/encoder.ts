/** Replies -> bytes, in RESP2 and RESP3; commands -> bytes. Binary strings out. */
import { formatDouble } from "../base/numbers.ts";
import {
  BigNumber,
  Bool,
  Double,
  MapReply,
  NilArray,
  type NoReply,
  OK,
  Push,
  Replies,
  type Reply,
  ReplyError,
  SetReply,
  Status,
  Verbatim,
} from "./reply.ts";

export type Protocol = 2 | 3;

const CRLF = "\r\n";

/** Headers of short strings and arrays, and small integers: most of all there are. */
const READY_MAX = 1024;
const BULK = ready("$");
const ARRAY = ready("*");
const INTEGER = ready(":");

function ready(type: string): readonly string[] {
  return Array.from({ length: READY_MAX }, (_, value) => `${type}${value}${CRLF}`);
}

/** One reply as a client of this protocol reads it; "" for NoReply. */
export function encodeReply(reply: Reply, protocol: Protocol): string {
  if (typeof reply === "string") return bulk(reply);
  if (reply === OK) return "+OK\r\n";
  if (reply === null) return protocol === 3 ? "_\r\n" : "$-1\r\n";
  if (typeof reply === "number") {
    return (reply >= 0 ? INTEGER[reply] : undefined) ?? `:${reply}${CRLF}`;
  }
  if (typeof reply === "bigint") return `:${reply}${CRLF}`;
  if (Array.isArray(reply)) return aggregate("*", reply, protocol);
  return encodeOther(reply as Exclude<typeof reply, readonly Reply[]>, protocol);
}

/** A command as clients and masters send it: an array of bulks. */
export function encodeCommand(args: readonly string[], count = args.length): string {
  let text = header("*", ARRAY, count);
  for (const arg of args) text += bulk(arg);
  return text;
}

type Other = Exclude<Reply, string | number | bigint | null | readonly Reply[]>;

function encodeOther(reply: Other, protocol: Protocol): string {
  const isNew = protocol === 3;
  if (reply instanceof Status) return `+${oneLine(reply.text)}${CRLF}`;
  if (reply instanceof ReplyError) return `-${errorLine(reply.text)}${CRLF}`;
  if (reply instanceof NilArray) return isNew ? "_\r\n" : "*-1\r\n";
  if (reply instanceof MapReply) {
    return isNew ? map(reply.flat) : aggregate("*", reply.flat, protocol);
  }
  if (reply instanceof SetReply) return aggregate(isNew ? "~" : "*", reply.items, protocol);
  if (reply instanceof Push) return aggregate(isNew ? ">" : "*", reply.items, protocol);
  if (reply instanceof Double) {
    const digits = formatDouble(reply.value);
    return isNew ? `,${digits}${CRLF}` : bulk(digits);
  }
  if (reply instanceof Bool) return isNew ? `#${reply.value ? "t" : "f"}${CRLF}` : flag(reply);
  if (reply instanceof BigNumber) return isNew ? `(${reply.digits}${CRLF}` : bulk(reply.digits);
  if (reply instanceof Verbatim) return isNew ? verbatim(reply) : bulk(reply.text);
  if (reply instanceof Replies) {
    let text = "";
    for (const item of reply.items) text += encodeOther(item, protocol);
    return text;
  }
  reply satisfies NoReply;
  return "";
}

function bulk(text: string): string {
  return header("$", BULK, text.length) + text + CRLF;
}

function header(type: string, known: readonly string[], value: number): string {
  return known[value] ?? `${type}${value}${CRLF}`;
}

function aggregate(type: "*" | "~" | ">", items: readonly Reply[], protocol: Protocol): string {
  let text = type === "*" ? header(type, ARRAY, items.length) : `${type}${items.length}${CRLF}`;
  for (const item of items) text += encodeReply(item, protocol);
  return text;
}

function map(flat: readonly Reply[]): string {
  let text = `%${flat.length / 2}${CRLF}`;
  for (const item of flat) text += encodeReply(item, 3);
  return text;
}

function flag({ value }: Bool): string {
  return value ? ":1\r\n" : ":0\r\n";
}

function verbatim({ format, text }: Verbatim): string {
  return `=${text.length + 4}${CRLF}${format}:${text}${CRLF}`;
}

/** A line end in a simple string would be taken for its end, and the rest for a reply of its own. */
export function oneLine(text: string): string {
  return /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, " ") : text;
}

/** An error's text as it is sent. */
export function errorLine(text: string): string {
  return oneLine(trimLineEnds(text));
}

/** By index: `/[\r\n]+$/` would begin anew at each of a million line ends in the midst of a text. */
export function trimLineEnds(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === "\n" || text[end - 1] === "\r")) end--;
  return text.slice(0, end);
}
