/** What the requests of one call are answered, in the form that the caller wants. */
import { fromBinary } from "../../shared/base/bytes.ts";
import { encodeReply } from "../../shared/resp/encoder.ts";
import { errorJson, JsonRoom, JsonWriter } from "../../shared/resp/json.ts";
import { ReplyError } from "../../shared/resp/reply.ts";
import { replyEnd } from "../../shared/resp/reply-end.ts";

/** One command's outcome, a list of outcomes, or the outcomes of a MULTI … EXEC. */
export type Shape = "one" | "many" | "transaction";

/** JSON with strings as text or as base64; or the replies as RESP2 has them, but for transactions. */
export type Format = "text" | "base64" | "resp2";

/** A request that was not made: where it stands among the others, and the words for it. */
export type Refused = readonly [at: number, why: string];

export interface Whole {
  /** Of CALL_BYTES_MAX at most. */
  readonly body: string | Uint8Array<ArrayBuffer>;
  /** It is one error. */
  readonly isError: boolean;
}

/** A call between the Worker and a node carries 32 MiB, with its frame; so does its answer. */
export const CALL_BYTES_MAX = 32 * 1024 * 1024 - 4096;

const TOO_LONG = `ERR max request size exceeded. Limit: ${CALL_BYTES_MAX} bytes; the answers are longer`;

export class Answers {
  readonly #shape: Shape;
  readonly #format: Format;
  /** Replies that are to come. */
  #missing: number;
  /** One each, as JSON or as RESP2. */
  #outcomes: string[] = [];
  /** Of a transaction that was not run: the reason that came first. */
  #why: string | undefined;
  /** For all that is collected: beyond it nothing is kept, as it could not be carried. */
  readonly #room = new JsonRoom(CALL_BYTES_MAX);
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
    if (this.#format === "resp2") this.#takeRaw(replies);
    else this.#takeJson(replies);
    this.#dropExcess();
    if (this.isComplete) this.#resolve();
  }

  #takeRaw(replies: string): void {
    if (!this.#room.take(replies.length)) return;
    for (let at = 0; at < replies.length && this.#missing > 0; this.#missing--) {
      const end = replyEnd(replies, at);
      this.#outcomes.push(replies.slice(at, end));
      at = end;
    }
  }

  #takeJson(replies: string): void {
    const writer = new JsonWriter(replies, {
      isBase64: this.#format === "base64",
      room: this.#room,
    });
    while (!writer.isAtEnd && this.#missing > 0 && !this.#room.isFull) {
      if (this.#shape === "transaction") this.#takeStep(writer);
      else this.#outcomes.push(writer.outcome());
      this.#missing--;
    }
  }

  /** Answers that cannot be carried are none: the one that there is says so. */
  #dropExcess(): void {
    if (!this.#room.isFull) return;
    this.#outcomes = [];
    this.#missing = 0;
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
    this.#dropExcess();
    this.#resolve();
  }

  /** All of it; what was refused stands where it stood among the requests. */
  body(refused: readonly Refused[]): Whole {
    const outcomes = this.#merged(refused);
    if (this.#room.isFull) return { body: errorJson(TOO_LONG), isError: true };
    if (this.#format === "resp2") {
      const text = outcomes.join("");
      const isError = this.#shape === "one" && text.startsWith("-");
      return { body: fromBinary(text), isError };
    }
    const one = this.#why ?? (this.#shape === "one" ? outcomes[0] : undefined);
    const body = one ?? `[${outcomes.join(",")}]`;
    return { body, isError: body.startsWith('{"error"') };
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
    const text = this.#format === "resp2" ? encodeReply(new ReplyError(why), 2) : errorJson(why);
    return this.#room.takeText(text) ? text : "";
  }
}
