/**
 * Keyspace notifications: what happens to keys, told to who subscribed to it
 * (https://redis.io/docs/latest/develop/use/keyspace-notifications/). Replicas tell of what they replay.
 */
import type { Engine } from "./engine.ts";

/** `A` in notify-keyspace-events stands for these classes. */
const ALL = "g$lshzxetd";

export class Notifications {
  readonly #engine: Engine;
  /** The letters of notify-keyspace-events, `A` spelt out. */
  #classes = "";
  #tellsKeyspace = false;
  #tellsKeyevent = false;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#read();
    engine.config.onChange((name) => {
      if (name === "notify-keyspace-events") this.#read();
    });
  }

  #read(): void {
    const letters = this.#engine.config.text("notify-keyspace-events");
    this.#tellsKeyspace = letters.includes("K");
    this.#tellsKeyevent = letters.includes("E");
    const tellsAny = this.#tellsKeyspace || this.#tellsKeyevent;
    this.#classes = tellsAny ? letters.replace("A", ALL) : "";
  }

  /** Some class of events is to be told of, and somebody listens. */
  get isOn(): boolean {
    return this.#classes !== "" && this.#engine.pubsub.isUsed;
  }

  /** `kind` is one letter of notify-keyspace-events. */
  notify(kind: string, event: string, { name, db }: { name: string; db: number }): void {
    if (!this.#classes.includes(kind)) return;
    const { pubsub } = this.#engine;
    if (this.#tellsKeyspace) pubsub.publish(`__keyspace@${db}__:${name}`, event);
    if (this.#tellsKeyevent) pubsub.publish(`__keyevent@${db}__:${event}`, name);
  }
}
