/** Takes a snapshot in as it comes: inline behind PSYNC, as Redis sends it, or as the body of a fetch. */
import { LoadError, type Loading } from "./loading.ts";
import { SnapshotFrameDecoder } from "./snapshot-frame.ts";

/** How an inline snapshot ends: with a mark, or after so many bytes. */
export type BulkHeader = { readonly mark: string } | { readonly byteCount: number };

/** The line in front of an inline snapshot: `$EOF:<mark>` or `$<bytes>`; undefined when it is neither. */
export function parseBulkHeader(line: string): BulkHeader | undefined {
  const mark = /^\$EOF:([0-9a-zA-Z]{40})$/.exec(line)?.[1];
  if (mark !== undefined) return { mark };
  const byteCount = /^\$(\d{1,15})$/.exec(line)?.[1];
  return byteCount === undefined ? undefined : { byteCount: Number(byteCount) };
}

/** An inline snapshot and the mark behind it. */
export class InlineIntake {
  readonly loading: Loading;
  readonly #header: BulkHeader;
  /** What came behind the end of the RDB. */
  #rest = "";

  constructor(loading: Loading, header: BulkHeader) {
    this.loading = loading;
    this.#header = header;
  }

  /** Takes bytes; once all is in, returns those behind it, which belong to the stream. */
  push(bytes: string): string | undefined {
    if (this.loading.isComplete) this.#rest += bytes;
    else {
      // Without bytes it is only to go on with what came before.
      this.loading.push(bytes);
      if (!this.loading.isComplete) return undefined;
      this.#rest = this.loading.takeRest();
    }
    if ("byteCount" in this.#header) return this.#rest;
    const { mark } = this.#header;
    if (this.#rest.length < mark.length) return undefined;
    if (!this.#rest.startsWith(mark)) throw new LoadError("the end mark is missing");
    return this.#rest.slice(mark.length);
  }
}

/** A snapshot that is fetched, in one transfer or, where transfers are cut, in several. */
export class FetchIntake {
  readonly loading: Loading;
  readonly pin: string;
  #frames = new SnapshotFrameDecoder();
  /** Where the next transfer goes on; empty at first. */
  cursor = "";
  /** The last frame is in. */
  isWhole = false;
  /** Transfers in a row that brought nothing. */
  failures = 0;

  constructor(loading: Loading, pin: string) {
    this.loading = loading;
    this.pin = pin;
  }

  /** A new transfer begins, behind the last whole frame. */
  restart(): void {
    this.#frames = new SnapshotFrameDecoder();
  }

  push(bytes: string): void {
    this.#frames.push(bytes);
    for (;;) {
      const frame = this.#frames.next();
      if (frame === undefined) return;
      if (frame === "damaged") throw new LoadError("a frame of the snapshot is damaged");
      this.failures = 0;
      this.loading.push(frame.bytes);
      this.cursor = frame.cursor;
      this.isWhole = frame.cursor === "";
      this.#check();
    }
  }

  /** Goes on with what came. */
  work(): void {
    this.loading.work();
    this.#check();
  }

  #check(): void {
    if (!this.isWhole || this.loading.isBusy || this.loading.isComplete) return;
    throw new LoadError("the snapshot ends early");
  }
}
