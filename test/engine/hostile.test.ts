// Command lines nobody would write. A handler answers or throws a ReplyError; anything else is a bug
// that restarts the node, and whoever finds one can do so again and again.

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { ENGINE_COMMANDS, ENGINE_INFO } from "../../shared/engine/tables.ts";
import { encodeReply } from "../../shared/resp/encoder.ts";
import { engineHarness } from "../support/engine.ts";

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

const line = fc
  .tuple(fc.constantFrom(...ROWS), fc.array(argument, { maxLength: 6 }))
  .map(([{ name }, args]) => [...name.split("|"), ...args]);

describe("any command line", () => {
  it("is answered with something that can be sent in both protocols", () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 20 }), (lines) => {
        const { connect } = engineHarness({ commands: ENGINE_COMMANDS, info: ENGINE_INFO });
        const { session, send } = connect();
        for (const args of lines) {
          const reply = send(args);
          session.blocked = undefined;
          for (const protocol of [2, 3] as const) {
            expect(encodeReply(reply, protocol)).toMatch(/^[+\-:$*_#,(=%~>]|^$/);
          }
        }
      }),
      { numRuns: 500, seed: 7 },
    );
  });
});
