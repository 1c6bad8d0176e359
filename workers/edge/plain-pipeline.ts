/**
 * Pipelines as nearly all of them are written, from JSON to RESP in one go: lists of strings of plain ASCII,
 * with nothing to unescape and nothing in between. JSON.parse and the encoder take twice as long for them.
 */
import { encodeCommand, encodeReply } from "../../shared/resp/encoder.ts";
import { CALL_BYTES_MAX } from "../node/answers.ts";
import { type Asked, safetyOf } from "./rest-input.ts";

/** Escapes, control characters, and what is not ASCII. */
const UNUSUAL = /[^ -[\]-~]/;
/** Longer commands are for who counts arguments. */
const ARGUMENTS_MAX = 1024;

const QUOTE = 34;
const COMMA = 44;
const OPEN = 91;
const CLOSE = 93;

/** What a body asks for; undefined: it is written in another way, or is none, or some of it is unusual. */
export function plainPipeline(json: string): Asked | undefined {
  if (json.charCodeAt(0) !== OPEN || UNUSUAL.test(json)) return undefined;
  let resp = "";
  let count = 0;
  let known: string | undefined;
  let isRepeatable = true;
  // At the bracket that a command begins with, then behind the one that it ends with.
  for (let at = 1; json.charCodeAt(at) === OPEN; at++) {
    let args = "";
    let argCount = 0;
    let name = "";
    // At the bracket or the comma in front of an argument.
    do {
      const start = at + 2;
      const end = json.indexOf('"', start);
      if (json.charCodeAt(at + 1) !== QUOTE || end < 0) return undefined;
      const arg = json.slice(start, end);
      if (argCount++ === 0) name = arg;
      args += encodeReply(arg, 2);
      at = end + 1;
    } while (json.charCodeAt(at) === COMMA && argCount < ARGUMENTS_MAX);
    if (json.charCodeAt(at++) !== CLOSE) return undefined;
    if (name !== known) {
      const safety = safetyOf(name);
      if (safety === undefined) return undefined;
      isRepeatable &&= safety.isRepeatable;
      known = name;
    }
    resp += encodeCommand([], argCount) + args;
    if (resp.length > CALL_BYTES_MAX) return undefined;
    count++;
    if (json.charCodeAt(at) === COMMA) continue;
    const isAll = json.charCodeAt(at) === CLOSE && at === json.length - 1;
    if (!isAll) return undefined;
    return { requests: { resp, count }, isRepeatable, isRead: isRepeatable };
  }
  return undefined;
}
