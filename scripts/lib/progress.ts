// How far a long job is: a bar that is drawn anew on a terminal, now and then a line elsewhere.

export interface State {
  readonly label: string;
  readonly bytes: number;
  /** Undefined: nobody knows how many there will be. */
  readonly bytesTotal: number | undefined;
  readonly keys: number;
  readonly elapsedMs: number;
}

const BAR_CELLS = 24;
const TTY_EVERY_MS = 100;
const LINE_EVERY_MS = 10_000;
/** Before, a rate says nothing. */
const RATE_FROM_MS = 500;

/** As in `importing  [######------] 25 %  1.2 of 4.8 MB  12,345 keys  0.8 MB/s  4 s left`. */
export function progressLine({ label, bytes, bytesTotal, keys, elapsedMs }: State): string {
  const share = bytesTotal === undefined || bytesTotal === 0 ? 0 : Math.min(1, bytes / bytesTotal);
  const parts = [label];
  if (bytesTotal === undefined) parts.push(megabytes(bytes));
  else {
    const filled = Math.round(share * BAR_CELLS);
    parts.push(`[${"#".repeat(filled)}${"-".repeat(BAR_CELLS - filled)}]`);
    parts.push(`${Math.floor(share * 100)} %`);
    parts.push(`${(bytes / 1e6).toFixed(1)} of ${megabytes(bytesTotal)}`);
  }
  if (keys > 0) parts.push(`${keys.toLocaleString("en")} keys`);
  if (elapsedMs >= RATE_FROM_MS) {
    parts.push(`${megabytes((bytes / elapsedMs) * 1000)}/s`);
    if (share > 0) parts.push(`${seconds((elapsedMs / share) * (1 - share))} left`);
  }
  return parts.join("  ");
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function seconds(ms: number): string {
  const whole = Math.ceil(ms / 1000);
  return whole < 120 ? `${whole} s` : `${Math.ceil(whole / 60)} min`;
}

export class Progress {
  readonly #label: string;
  readonly #bytesTotal: number | undefined;
  readonly #startMs = performance.now();
  #shownMs = this.#startMs;
  #wasShown = false;
  bytes = 0;
  keys = 0;

  constructor(label: string, bytesTotal?: number) {
    this.#label = label;
    this.#bytesTotal = bytesTotal;
  }

  /** Shows how far it is, where it is time to. */
  show(): void {
    const nowMs = performance.now();
    const { isTTY } = process.stderr;
    if (nowMs - this.#shownMs < (isTTY ? TTY_EVERY_MS : LINE_EVERY_MS)) return;
    this.#shownMs = nowMs;
    this.#wasShown = true;
    process.stderr.write(isTTY ? `\r\x1b[K${this.#line(nowMs)}` : `${this.#line(nowMs)}\n`);
  }

  /** Makes room for what is written next. */
  end(): void {
    if (this.#wasShown && process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  }

  #line(nowMs: number): string {
    return progressLine({
      label: this.#label,
      bytes: this.bytes,
      bytesTotal: this.#bytesTotal,
      keys: this.keys,
      elapsedMs: nowMs - this.#startMs,
    });
  }
}
