// What libraries of functions may take.

import { describe, expect, test } from "vitest";

import type { ReplyError } from "../../../shared/resp/reply.ts";
import { engineHarness } from "../../support/engine.ts";

function library(name: string, body: string): string {
  return `#!lua name=${name}\n${body}`;
}

describe("libraries of functions", () => {
  test("take a row's room together, and no more", () => {
    const { connect } = engineHarness();
    const client = connect();
    const long = (name: string): string =>
      library(name, `redis.register_function('${name}', function() end) --${"x".repeat(400_000)}`);
    expect(client.send(["FUNCTION", "LOAD", long("a")])).toBe("a");
    expect(client.send(["FUNCTION", "LOAD", long("b")])).toBe("b");
    const refused = client.send(["FUNCTION", "LOAD", long("c")]) as ReplyError;
    expect(refused.text).toMatch(/^ERR all libraries together may take 900000 bytes/);
    expect(client.send(["FUNCTION", "LOAD", "REPLACE", long("b")])).toBe("b");
    expect(client.send(["FCALL", "a", "0"])).toBeNull();
  });

  test("keep what they hold in the interpreter, however much it is", () => {
    const { connect } = engineHarness();
    const client = connect();
    const code = library(
      "l",
      `local held, calls = {}, 0
       for i = 1, 300000 do held[i] = { i } end
       redis.register_function('count', function() calls = calls + 1 return calls end)`,
    );
    expect(client.send(["FUNCTION", "LOAD", code])).toBe("l");
    const calls = [1, 2, 3].map(() => client.send(["FCALL", "count", "0"]));
    expect(calls).toEqual([1, 2, 3]);
  });
});
