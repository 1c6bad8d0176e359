/**
 * Keys that the store was asked for and does not have. A command that makes a key asks for it two or three
 * times, and each time the store is asked costs several times what the command does.
 */
import { detach } from "../base/bytes.ts";
import type { Space } from "./space.ts";

/** A batch asks for a few thousand (replication/prefetch.ts). */
const COUNT_MAX = 4096;
/** Longer names are asked for again, or a client's could fill the memory. */
const NAME_BYTES_MAX = 128;

export class AbsentKeys {
  /** Of the space asked last; others are forgotten. */
  #space: Space | undefined;
  readonly #names = new Set<string>();

  has(space: Space, name: string): boolean {
    return space === this.#space && this.#names.has(name);
  }

  add(space: Space, name: string): void {
    if (name.length > NAME_BYTES_MAX) return;
    if (space !== this.#space || this.#names.size >= COUNT_MAX) this.clear();
    this.#space = space;
    this.#names.add(detach(name));
  }

  /** The store has it now, and memory no longer. */
  delete(name: string): void {
    this.#names.delete(name);
  }

  clear(): void {
    this.#space = undefined;
    this.#names.clear();
  }
}
