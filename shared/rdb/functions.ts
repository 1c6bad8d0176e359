/** Libraries of functions as FUNCTION DUMP gives them and FUNCTION RESTORE takes them. */
import { ERRORS } from "../resp/errors.ts";
import { ReplyError } from "../resp/reply.ts";
import { checkSeal, seal } from "./dump.ts";
import { OPCODES } from "./format.ts";
import { encodeByte, encodeString } from "./primitives.ts";
import { RdbError, RdbReader } from "./reader.ts";

const FUNCTION = encodeByte(OPCODES.function);
/** Functions came with it. */
const FUNCTION_VERSION = 10;

/** A library as it stands in a file, in front of all keys. */
export function rdbFunction(code: string): string {
  return FUNCTION + encodeString(code);
}

export function dumpFunctions(codes: readonly string[]): string {
  return seal(codes.map(rdbFunction).join(""), FUNCTION_VERSION);
}

/** The code of each library; throws what FUNCTION RESTORE answers when the payload is none. */
export function restoredFunctions(payload: string): string[] {
  const reader = new RdbReader(checkSeal(payload));
  const codes: string[] = [];
  try {
    while (reader.at < reader.text.length) {
      if (reader.byte() !== OPCODES.function) {
        throw new ReplyError("ERR given type is not a function");
      }
      codes.push(reader.string());
    }
  } catch (error) {
    if (error instanceof RdbError) throw new ReplyError(ERRORS.badDump);
    throw error;
  }
  return codes;
}
