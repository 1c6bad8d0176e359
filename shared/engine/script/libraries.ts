/** The libraries scripts have besides Lua's own, by name. */
import { BIT } from "./bit.ts";
import { CJSON, CJSON_CONSTANTS } from "./cjson.ts";
import { CMSGPACK, CMSGPACK_CONSTANTS } from "./cmsgpack.ts";
import type { ApiFunction } from "./host.ts";
import { STRUCT } from "./struct.ts";

export const LIBRARIES: Readonly<Record<string, Readonly<Record<string, ApiFunction>>>> = {
  bit: BIT,
  cjson: CJSON,
  cmsgpack: CMSGPACK,
  struct: STRUCT,
};

export const LIBRARY_CONSTANTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  cjson: CJSON_CONSTANTS,
  cmsgpack: CMSGPACK_CONSTANTS,
};
