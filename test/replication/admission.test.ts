// Who may come in over REST; and that a refusal's time tells nothing but the length of what was offered.

import { describe, expect, it, vi } from "vitest";
import type { Engine } from "../../shared/engine/engine.ts";
import { admit, type Admission } from "../../shared/replication/admission.ts";
import { startNode } from "../support/node.ts";

const PASSWORD = "the password of this node";
const READ_TOKEN = "and the token for reading";
const LENGTH = PASSWORD.length;

function guarded(): ReturnType<typeof startNode> {
  return startNode(undefined, { requirepass: PASSWORD, "rest-readonly-token": READ_TOKEN });
}

/** The first who is refused makes the node load its users: that is once, and whoever it is. */
function isRefused(engine: Engine): boolean {
  return admit(engine, "anything") === "wrong-password";
}

/** Every look at a character of a string, which is what comparing and hashing are made of here. */
function looksOf(engine: Engine, offered: string): { admission: Admission; looks: number } {
  const look = vi.spyOn(String.prototype, "charCodeAt");
  const admission = admit(engine, offered);
  const looks = look.mock.calls.length;
  look.mockRestore();
  return { admission, looks };
}

describe("a token", () => {
  it("is the password, the token for reading, or wrong", () => {
    const { engine } = guarded().core;
    expect(admit(engine, PASSWORD)).toBe("admitted");
    expect(admit(engine, READ_TOKEN)).toBe("read-only");
    for (const wrong of [
      undefined,
      "",
      PASSWORD.slice(1),
      `${PASSWORD}.`,
      READ_TOKEN.toUpperCase(),
    ]) {
      expect([wrong, admit(engine, wrong)]).toEqual([wrong, "wrong-password"]);
    }
  });

  it("that is empty is not the token for reading where there is none", () => {
    const { engine } = startNode(undefined, { requirepass: PASSWORD }).core;
    expect(admit(engine, "")).toBe("wrong-password");
  });

  const wrong: Readonly<Record<string, string>> = {
    "in its first character": `X${PASSWORD.slice(1)}`,
    "in its last character": `${PASSWORD.slice(0, -1)}X`,
    "in all of them": "x".repeat(LENGTH),
    "but for the beginning of the token for reading": `${READ_TOKEN.slice(0, -1)}X`,
    "in being two bytes of UTF-8": `${PASSWORD.slice(0, -2)}\xc3\xa9`,
  };
  for (const [where, offered] of Object.entries(wrong)) {
    for (const last of ["nobody", "who has the password", "who has the token for reading"]) {
      it(`wrong ${where} takes as many looks as any, behind ${last}`, () => {
        const { engine } = guarded().core;
        expect(isRefused(engine)).toBe(true);
        if (last !== "nobody") admit(engine, last.endsWith("reading") ? READ_TOKEN : PASSWORD);
        const any = looksOf(engine, "?".repeat(LENGTH));
        // Two secrets are compared character by character, and a hash is made and compared.
        expect(any.looks).toBeGreaterThan(4 * LENGTH);
        expect(looksOf(engine, offered)).toEqual({ admission: "wrong-password", looks: any.looks });
      });
    }
  }

  it("that was the password once takes as many looks as any", () => {
    const { engine } = guarded().core;
    expect(isRefused(engine)).toBe(true);
    expect(admit(engine, PASSWORD)).toBe("admitted");
    engine.config.set([["requirepass", "another"]]);
    const any = looksOf(engine, "?".repeat(LENGTH));
    expect(looksOf(engine, PASSWORD)).toEqual({ admission: "wrong-password", looks: any.looks });
  });

  it("takes no fewer looks where the password is shorter or longer", () => {
    const looks = ["p", PASSWORD, PASSWORD.repeat(9)].map((requirepass) => {
      const { engine } = startNode(undefined, { requirepass }).core;
      expect(isRefused(engine)).toBe(true);
      return looksOf(engine, "?".repeat(LENGTH)).looks;
    });
    expect(new Set(looks).size).toBe(1);
  });
});
