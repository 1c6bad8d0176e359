// Scripts on an engine, shown as redis-cli shows what comes back.

import { type EngineHarness, engineHarness } from "../../support/engine.ts";
import { render } from "../../support/transcript.ts";

export interface Scripting {
  readonly harness: EngineHarness;
  send(...args: string[]): string;
  /** EVAL with one key `k` and one argument `a`. */
  evaluate(code: string): string;
  /** FUNCTION LOAD of a library `lib` with this code. */
  load(code: string): string;
}

/** `limitMs`: busy-reply-threshold. */
export function scripting({ limitMs = 20 } = {}): Scripting {
  const harness = engineHarness();
  const client = harness.connect();
  const send = (...args: string[]): string => render(client.send(args));
  send("CONFIG", "SET", "busy-reply-threshold", String(limitMs));
  return {
    harness,
    send,
    evaluate: (code) => send("EVAL", code, "1", "k", "a"),
    load: (code) => send("FUNCTION", "LOAD", "REPLACE", `#!lua name=lib\n${code}`),
  };
}
