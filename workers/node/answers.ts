/** What the requests of one call are answered, in the form that the caller wants. */
import { fromBinary } from "../../shared/base/bytes.ts";
import { encodeReply } from "../../shared/resp/encoder.ts";
import { errorJson, JsonWriter } from "../../shared/resp/json.ts";
import { ReplyError } from "../../shared/resp/reply.ts";
import { ReplyDecoder } from "../../shared/resp/reply-decoder.ts";

/** One command's outcome, a list of outcomes, or the outcomes of a MULTI … EXEC. */
export type Shape = "one" | "many" | "transaction";

/** JSON with strings as text or as base64; or the replies as RESP2 has them, but for transactions. */
export type Format = "text" | "base64" | "resp2";

/** A request that was not made: where it stands among the others, and the words for it. */
export type Refused = readonly [at: number, why: string];

export interface Whole {
  readonly body: string | Uint8Array<ArrayBuffer>;
  /** What it takes to carry. */
  readonly byteCount: number;
  /** It is one error. */
  readonly isError: boolean;
}

/** Answers are collected up to here: longer ones cannot be carried, whatever they are written as. */
const COLLECTED_BYTES_MAX = 64 << 20;
const TOO_LONG = "ERR the answers are too long to be carried";

export class Answers {
  readonly #shape: Shape;
  readonly #format: Format;
  /** Replies that are to come. */
  #missing: number;
  /** One each, as JSON or as RESP2. */
  #outcomes: string[] = [];
  /** Of a transaction that was not run: the reason that came first. */
  #why: string | undefined;
  #byteCount = 0;
  #resolve: () => void = () => undefined;

  constructor(count: number, { shape, format }: { shape: Shape; format: Format }) {
    this.#shape = shape;
    this.#format = shape === "transaction" && format === "resp2" ? "text" : format;
    this.#missing = shape === "transaction" ? count + 2 : count;
  }

  get isComplete(): boolean {
    return this.#missing === 0;
  }

  /** Resolves when all are there; asked for once. */
  completed(): Promise<void> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Whole replies in RESP2, as a binary string. */
  take(replies: string): void {
    if (this.isComplete) return;
    this.#byteCount += replies.length;
    if (this.#byteCount > COLLECTED_BYTES_MAX) this.finish(TOO_LONG);
    else if (this.#format === "resp2") this.#takeRaw(replies);
    else this.#takeJson(replies);
    if (this.isComplete) this.#resolve();
  }

  #takeRaw(replies: string): void {
    const decoder = new ReplyDecoder();
    decoder.push(replies);
    for (let reply = decoder.next(); reply !== undefined; reply = decoder.next()) {
      this.#outcomes.push(encodeReply(reply, 2));
      this.#missing--;
    }
  }

  #takeJson(replies: string): void {
    const writer = new JsonWriter(replies, { isBase64: this.#format === "base64" });
    while (!writer.isAtEnd && this.#missing > 0) {
      if (this.#shape === "transaction") this.#takeStep(writer);
      else this.#outcomes.push(writer.outcome());
      this.#missing--;
    }
  }

  /** `OK` for MULTI, `QUEUED` for each command, and what EXEC says. */
  #takeStep(writer: JsonWriter): void {
    const items = this.#missing === 1 ? writer.outcomes() : undefined;
    if (items !== undefined) {
      this.#outcomes = items;
      return;
    }
    const isReason = writer.isAtError || this.#missing === 1;
    const outcome = writer.outcome();
    // The first command that was refused says it best.
    if (isReason) this.#why ??= outcome;
  }

  /** What has not been answered is answered by this. */
  finish(why: string): void {
    if (this.isComplete) return;
    if (this.#shape === "transaction") this.#why ??= errorJson(why);
    else for (let i = 0; i < this.#missing; i++) this.#outcomes.push(this.#error(why));
    this.#missing = 0;
    this.#resolve();
  }

  /** All of it; what was refused stands where it stood among the requests. */
  body(refused: readonly Refused[]): Whole {
    const outcomes = this.#merged(refused);
    if (this.#format === "resp2") {
      const text = outcomes.join("");
      const isError = this.#shape === "one" && text.startsWith("-");
      return { body: fromBinary(text), byteCount: text.length, isError };
    }
    const one = this.#why ?? (this.#shape === "one" ? outcomes[0] : undefined);
    const body = one ?? `[${outcomes.join(",")}]`;
    // A text of one-byte characters is carried as such, any other at two bytes each.
    const byteCount = /[\u0100-\uffff]/.test(body) ? body.length * 2 : body.length;
    return { body, byteCount, isError: body.startsWith('{"error"') };
  }

  #merged(refused: readonly Refused[]): readonly string[] {
    if (refused.length === 0) return this.#outcomes;
    const merged: string[] = [];
    let next = 0;
    for (const [at, why] of refused) {
      while (merged.length < at) merged.push(this.#outcomes[next++]!);
      merged.push(this.#error(why));
    }
    while (next < this.#outcomes.length) merged.push(this.#outcomes[next++]!);
    return merged;
  }

  #error(why: string): string {
    return this.#format === "resp2" ? encodeReply(new ReplyError(why), 2) : errorJson(why);
  }
}
