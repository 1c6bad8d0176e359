// Command lines that nobody would write.

import fc from "fast-check";
import { ENGINE_COMMANDS } from "../../shared/engine/tables.ts";

const ROWS = ENGINE_COMMANDS.flatMap((row) => [row, ...row.subcommands.values()]);

/** Options of many commands, names that every JavaScript object has, and numbers at the edges. */
const WORDS = (
  "k TYPE ID USER SKIPME ADDR normal replica yes no on off WRITE ERROR FILTERBY ACLCAT PATTERN " +
  "timeout maxmemory client-output-buffer-limit save SAMPLES NOSAVE GET AUTH SETNAME default * [ " +
  "constructor __proto__ toString hasOwnProperty object protocol digest-value reload sleep " +
  "0 -1 1 3 16 9223372036854775807 -9223372036854775808 18446744073709551616 1e400 nan inf 0x10"
).split(" ");

const argument = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...WORDS) },
  { weight: 1, arbitrary: fc.constantFrom("", "\0", "\xff\xfe", "a\r\nb", "x".repeat(5000)) },
  { weight: 1, arbitrary: fc.string({ maxLength: 8, unit: "binary-ascii" }) },
);

/** A command with arguments that nobody would give it. */
export const commandLine = fc
  .tuple(fc.constantFrom(...ROWS), fc.array(argument, { maxLength: 6 }))
  .map(([{ name }, args]) => [...name.split("|"), ...args]);
