/**
 * Outcomes of requests that changed something, kept for a while: a client that lost its connection before
 * the answer came sends the request again and says so, and is told the first outcome then.
 *
 * Memory only: a node that restarts forgets them. The caller is cut off from the edge, not from the node,
 * and hears of a node's restart as an error, on which clients do not try again.
 */

/** How a request is recognised when it comes again. */
export interface Repeat {
  /** Of everything that makes it this request: caller, what it has seen, what it asks for. */
  readonly key: string;
  /** It says that it was sent before. */
  readonly isRepeated: boolean;
  /** Others may well ask for the same: an outcome is not theirs for long. */
  readonly isCommon: boolean;
}

interface Outcome<T> {
  answer: Promise<T>;
  readonly untilMs: number;
  byteCount: number;
}

export const OUTCOME_KEPT_MS = 60_000;
export const COMMON_OUTCOME_KEPT_MS = 10_000;
export const OUTCOMES_MAX = 10_000;
/** Bytes of answers kept; keys and the rest of an entry come on top, some 300 bytes each. */
export const OUTCOME_BYTES_MAX = 8 << 20;
/** Of a longer answer only that it was given is kept. */
export const ANSWER_BYTES_MAX = 1 << 20;

/** What is asked of answers. */
export interface Answers<T> {
  sizeOf(answer: T): number;
  /** What to say in place of an answer that was too long to be kept. */
  lost(): T;
}

export class Outcomes<T> {
  readonly #byKey = new Map<string, Outcome<T>>();
  readonly #answers: Answers<T>;
  #byteCount = 0;

  constructor(answers: Answers<T>) {
    this.#answers = answers;
  }

  get count(): number {
    return this.#byKey.size;
  }

  /** The first outcome of a request that is repeated, if it is known; else runs it. */
  run(repeat: Repeat, nowMs: number, work: () => Promise<T>): Promise<T> {
    const known = this.#byKey.get(repeat.key);
    // It may still be running: then the repetition waits for the same end.
    if (known !== undefined && repeat.isRepeated && known.untilMs > nowMs) return known.answer;
    const answer = work();
    this.#keep(repeat, nowMs, answer);
    return answer;
  }

  #keep({ key, isCommon }: Repeat, nowMs: number, answer: Promise<T>): void {
    this.#drop(key);
    const untilMs = nowMs + (isCommon ? COMMON_OUTCOME_KEPT_MS : OUTCOME_KEPT_MS);
    const outcome: Outcome<T> = { answer, untilMs, byteCount: 0 };
    this.#byKey.set(key, outcome);
    void this.#measure(key, outcome);
    this.#makeRoom(nowMs);
  }

  async #measure(key: string, outcome: Outcome<T>): Promise<void> {
    try {
      const byteCount = this.#answers.sizeOf(await outcome.answer);
      if (this.#byKey.get(key) !== outcome) return;
      if (byteCount > ANSWER_BYTES_MAX) outcome.answer = Promise.resolve(this.#answers.lost());
      else outcome.byteCount = byteCount;
      this.#byteCount += outcome.byteCount;
    } catch {
      // It was not run, or the node has failed with it: there is nothing to tell again.
      if (this.#byKey.get(key) === outcome) this.#drop(key);
    }
  }

  /** Oldest first: what is over, and what is too much. */
  #makeRoom(nowMs: number): void {
    for (const [key, { untilMs }] of this.#byKey) {
      const isTooMuch = this.#byKey.size > OUTCOMES_MAX || this.#byteCount > OUTCOME_BYTES_MAX;
      if (!isTooMuch && untilMs > nowMs) return;
      this.#drop(key);
    }
  }

  #drop(key: string): void {
    this.#byteCount -= this.#byKey.get(key)?.byteCount ?? 0;
    this.#byKey.delete(key);
  }
}
