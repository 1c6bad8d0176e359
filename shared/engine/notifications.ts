/** Keyspace notifications: what happens to keys, told to who subscribed to it. */
import type { Engine } from "./engine.ts";

export class Notifications {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Any class of events is to be told of. */
  get isOn(): boolean {
    return this.#engine === undefined;
  }

  notify(_kind: string, _event: string, _key: { name: string; db: number }): void {}
}
