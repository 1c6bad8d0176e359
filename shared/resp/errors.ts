/** Every error text that clients match on, in Redis 7's words. One row a text. */
import { ReplyError } from "./reply.ts";

export const ERRORS = {
  badDb: "ERR invalid DB index",
  badDbRange: "ERR DB index is out of range",
  badDump: "ERR DUMP payload version or checksum are wrong",
  badDumpFormat: "ERR Bad data format",
  badExpire: (name: string) => `ERR invalid expire time in '${name}' command`,
  busyScript: "BUSY Redis is busy running a script. You can only call SCRIPT KILL.",
  decrOverflow: "ERR decrement would overflow",
  discardWithoutMulti: "ERR DISCARD without MULTI",
  execAbort: "EXECABORT Transaction discarded because of previous errors.",
  execAbortBecause: (why: string) =>
    `EXECABORT Transaction discarded because of: ${why.replace(/^ERR /, "")}`,
  execWithoutMulti: "ERR EXEC without MULTI",
  incrOverflow: "ERR increment or decrement would overflow",
  listening: (name: string) =>
    `ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET ` +
    "are allowed in this context",
  masterDown: "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
  nestedMulti: "ERR MULTI calls can not be nested",
  noAuth: "NOAUTH Authentication required.",
  noReplicas: "NOREPLICAS Not enough good replicas to write.",
  noSuchKey: "ERR no such key",
  notFloat: "ERR value is not a valid float",
  notInteger: "ERR value is not an integer or out of range",
  notPositive: "ERR value is out of range, must be positive",
  outOfMemory: "OOM command not allowed when used memory > 'maxmemory'.",
  outOfRange: "ERR value is out of range",
  readOnly: "READONLY You can't write against a read only replica.",
  sameObject: "ERR source and destination objects are the same",
  stringTooLong: "ERR string exceeds maximum allowed size (proto-max-bulk-len)",
  syntax: "ERR syntax error",
  watchInMulti: "ERR WATCH inside MULTI is not allowed",
  wrongArity: (name: string) => `ERR wrong number of arguments for '${name}' command`,
  wrongPass: "WRONGPASS invalid username-password pair or user is disabled.",
  wrongType: "WRONGTYPE Operation against a key holding the wrong kind of value",
} as const;

type Fixed = {
  [K in keyof typeof ERRORS]: (typeof ERRORS)[K] extends string ? K : never;
}[keyof typeof ERRORS];

/** Throws the named error of the table as the command's reply. */
export function fail(name: Fixed): never {
  throw new ReplyError(ERRORS[name]);
}
