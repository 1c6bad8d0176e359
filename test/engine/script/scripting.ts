// Scripts on an engine, shown as redis-cli shows what comes back.

import { type EngineHarness, engineHarness } from "../../support/engine.ts";
import { render } from "../../support/transcript.ts";

export interface Scripting {
  readonly harness: EngineHarness;
  /** How often the clock was looked at, which is done for so much work, however long that takes. */
  readonly looks: { count: number };
  send(...args: string[]): string;
  /** EVAL with one key `k` and one argument `a`. */
  evaluate(code: string): string;
  /** FUNCTION LOAD of a library `lib` with this code. */
  load(code: string): string;
}

/** `limitMs`: busy-reply-threshold. */
export function scripting({ limitMs = 20 } = {}): Scripting {
  const looks = { count: 0 };
  const clockUs = (): number => (looks.count++, 0);
  const harness = engineHarness({ ports: { clockUs } });
  const client = harness.connect();
  const send = (...args: string[]): string => render(client.send(args));
  send("CONFIG", "SET", "busy-reply-threshold", String(limitMs));
  return {
    harness,
    looks,
    send,
    evaluate: (code) => send("EVAL", code, "1", "k", "a"),
    load: (code) => send("FUNCTION", "LOAD", "REPLACE", `#!lua name=lib\n${code}`),
  };
}
