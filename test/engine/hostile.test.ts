// Command lines nobody would write. A handler answers or throws a ReplyError; anything else is a bug
// that restarts the node, and whoever finds one can do so again and again.

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { ENGINE_COMMANDS, ENGINE_INFO } from "../../shared/engine/tables.ts";
import { encodeReply } from "../../shared/resp/encoder.ts";
import { commandLine as line } from "../support/command-lines.ts";
import { engineHarness } from "../support/engine.ts";

describe("any command line", () => {
  it("may be as long as it likes, and so may what is propagated of it", () => {
    const { connect, units } = engineHarness();
    const { send } = connect();
    const many = Array.from({ length: 200_000 }, () => "NX");
    const members = Array.from({ length: 200_000 }, (_, i) => (i % 3 === 2 ? `m${i}` : "1"));
    const lines = [
      ["XADD", "stream", "*", ...many],
      ["GEOADD", "geo", ...members.slice(0, 199_998)],
      ["GEOSEARCHSTORE", "near", "geo", "FROMLONLAT", "1", "1", "BYRADIUS", "1", "km"],
      ["SET", "string", "1"],
      ["EXPIRE", "string", "1000", ...many],
      ["SET", "string", "1", ...many.map(() => "GET")],
    ];
    for (const line of lines) send(line);
    expect(units).toHaveLength(lines.length);
  });

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
