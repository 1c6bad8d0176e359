// What a node keeps of scripts, and for how long.

import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";

import { scripting } from "./scripting.ts";

function shaOf(code: string): string {
  return createHash("sha1").update(code, "latin1").digest("hex");
}

const NO_SCRIPT = "(error) NOSCRIPT No matching script. Please use EVAL.";

describe("the scripts a node knows", () => {
  test("are found by their SHA-1 in either case, EVAL or SCRIPT LOAD", () => {
    const { send } = scripting();
    send("EVAL", "return 'evaluated'", "0");
    const sha = shaOf("return 'loaded'");
    expect(send("SCRIPT", "LOAD", "return 'loaded'")).toBe(`"${sha}"`);
    expect(send("EVALSHA", sha.toUpperCase(), "0")).toBe('"loaded"');
    expect(send("EVALSHA", shaOf("return 'evaluated'"), "0")).toBe('"evaluated"');
  });

  test("begin with none, and cost nothing until there is one", () => {
    const { harness, send } = scripting();
    expect(send("EVALSHA", shaOf("return 1"), "0")).toBe(NO_SCRIPT);
    expect(send("SCRIPT", "EXISTS", shaOf("return 1"))).toBe("1) (integer) 0");
    expect(harness.engine.scripts.memoryBytes).toBe(0);
    send("EVAL", "return 1", "0");
    expect(harness.engine.scripts.memoryBytes).toBeGreaterThan(0);
  });

  test("are the last 500 of EVAL, and all of SCRIPT LOAD", () => {
    const { send, harness } = scripting();
    const code = (n: number): string => `return ${n}`;
    send("SCRIPT", "LOAD", code(0));
    send("EVAL", code(1), "0");
    send("SCRIPT", "LOAD", code(1));
    for (let n = 2; n <= 502; n++) send("EVAL", code(n), "0");
    const exists = [0, 1, 2, 3, 502].map((n) => send("SCRIPT", "EXISTS", shaOf(code(n))));
    expect(exists).toEqual([1, 1, 0, 1, 1].map((found) => `1) (integer) ${found}`));
    expect(harness.engine.scripts.count).toBe(502);
    expect(send("EVALSHA", shaOf(code(2)), "0")).toBe(NO_SCRIPT);
    expect(send("EVAL", code(2), "0")).toBe("(integer) 2");
    expect(send("EVALSHA", shaOf(code(0)), "0")).toBe("(integer) 0");
  });

  test("take a bounded room, whatever their length", () => {
    const { send, harness } = scripting({ limitMs: 0 });
    for (let n = 0; n < 20; n++) send("SCRIPT", "LOAD", `return ${n} --${"x".repeat(1_000_000)}`);
    expect(harness.engine.scripts.byteCount).toBeLessThan(17 * 1024 * 1024);
    expect(send("EVAL", "return 1", "0")).toBe("(integer) 1");
  });

  test("are forgotten by SCRIPT FLUSH, settings of cjson with them", () => {
    const { evaluate, send } = scripting();
    evaluate("return cjson.encode_max_depth(5)");
    expect(evaluate("return cjson.encode_max_depth()")).toBe("(integer) 5");
    send("SCRIPT", "FLUSH");
    expect(send("EVALSHA", shaOf("return cjson.encode_max_depth()"), "0")).toBe(NO_SCRIPT);
    expect(evaluate("return cjson.encode_max_depth()")).toBe("(integer) 1000");
  });

  test("are not changed by what does not compile", () => {
    const { send, harness } = scripting();
    expect(send("SCRIPT", "LOAD", "return")).toBe(`"${shaOf("return")}"`);
    expect(send("SCRIPT", "LOAD", "retrun")).toMatch(/^\(error\) ERR Error compiling script/);
    expect(harness.engine.scripts.count).toBe(1);
  });

  test("are the same bytes, when their text is binary", () => {
    const { send } = scripting();
    const code = "return '\xff\x00\x80'";
    expect(send("SCRIPT", "LOAD", code)).toBe(`"${shaOf(code)}"`);
    expect(send("EVALSHA", shaOf(code), "0")).toBe('"\\xff\\x00\\x80"');
    expect(send("SCRIPT", "SHOW", shaOf(code))).toBe(`"return '\\xff\\x00\\x80'"`);
  });
});

describe("keys and arguments", () => {
  test("are bytes as they came, and as many as came", () => {
    const { send } = scripting();
    const all = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join("");
    expect(send("EVAL", "return ARGV[1] == KEYS[1] and #ARGV[1]", "1", all, all)).toBe(
      "(integer) 256",
    );
    const many = Array.from({ length: 10_000 }, (_, i) => `${i}`);
    expect(send("EVAL", "return {#KEYS, #ARGV, ARGV[9000]}", "1000", ...many)).toBe(
      '1) (integer) 1000\n2) (integer) 9000\n3) "9999"',
    );
  });
});
