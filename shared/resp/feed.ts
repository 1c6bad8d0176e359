/**
 * The bytes a decoder has not used yet, in whatever pieces they came. A decoder reads `text` from
 * `at`; when that does not suffice it says what it lacks, and is not bothered again before it is
 * there.
 *
 * So no byte is copied more than three times, however small the pieces: what waits for bytes is
 * joined once, when there are enough, and what waits for the end of a line when a piece with the
 * end came. Joining at every push instead would copy a 32 MB value that comes in 4 KB pieces 4,000
 * times.
 */
import { detach } from "../base/bytes.ts";

/** So many pieces are joined into one block, because an array entry costs more than a byte. */
const PIECES_MAX = 1024;

export class Feed {
  /** Flat: reading it by index is cheap. */
  text = "";
  /** The first byte of `text` not used yet. */
  at = 0;

  #blocks: string[] = [];
  #pieces: string[] = [];
  #laterBytes = 0;

  /**
   * Nothing can be done with fewer bytes than these, or without this byte; 0 and "": all is there.
   */
  #needBytes = 0;
  #lineEnd = "";

  /** Binary string; empty ones are fine. */
  push(piece: string): void {
    if (piece.length === 0) return;
    if (this.#lineEnd !== "" && piece.includes(this.#lineEnd)) this.#needBytes = 0;
    if (this.#laterBytes === 0 && this.at === this.text.length) {
      this.text = piece;
      this.at = 0;
      return;
    }
    this.#pieces.push(piece);
    this.#laterBytes += piece.length;
    if (this.#pieces.length === PIECES_MAX) {
      this.#blocks.push(this.#pieces.join(""));
      this.#pieces = [];
    }
  }

  /** Bytes not used yet. */
  get length(): number {
    return this.text.length - this.at + this.#laterBytes;
  }

  /** Whether nothing is lacked any more. Later pieces are joined only once something was. */
  take(): boolean {
    if (this.#needBytes === 0 && this.#lineEnd === "") return true;
    if (this.length < this.#needBytes) return false;
    this.#needBytes = 0;
    this.#lineEnd = "";
    if (this.#laterBytes > 0) this.#join();
    return true;
  }

  /** From `at` on there must be `count` bytes, more than `text` has. As `take`. */
  needBytes(count: number): boolean {
    this.#needBytes = count;
    return this.#takeOrKeep();
  }

  /** There must be a line end, which `text` has not, or more than `max` bytes. As `take`. */
  needLineEnd(lineEnd: string, max: number): boolean {
    const isLater = (piece: string): boolean => piece.includes(lineEnd);
    const isThere = this.#blocks.some(isLater) || this.#pieces.some(isLater);
    this.#needBytes = isThere ? 0 : max + 1;
    this.#lineEnd = lineEnd;
    return this.#takeOrKeep();
  }

  /** Everything not used yet; nothing is left, and nothing lacked. */
  takeRest(): string {
    this.#join();
    const rest = this.text;
    this.text = "";
    this.#needBytes = 0;
    this.#lineEnd = "";
    return rest;
  }

  #takeOrKeep(): boolean {
    if (this.take()) return true;
    // What stays may stay for long, and must not keep the whole message it came in alive.
    if (this.at > 0) {
      this.text = detach(this.text.slice(this.at));
      this.at = 0;
    }
    return false;
  }

  #join(): void {
    const rest = this.at === 0 ? this.text : this.text.slice(this.at);
    const later = this.#laterBytes > 0 ? [...this.#blocks, ...this.#pieces] : [];
    this.text = later.length === 0 ? rest : [rest, ...later].join("");
    this.at = 0;
    this.#blocks = [];
    this.#pieces = [];
    this.#laterBytes = 0;
  }
}
