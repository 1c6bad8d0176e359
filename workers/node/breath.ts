/**
 * workerd looks at sockets and timers only when nothing else is left to do. A peer that sends, or takes, as
 * fast as we work would so keep all others waiting for as long as it likes: after this many bytes, whosever
 * they are, the work waits until the others were looked at.
 */
const BYTES_MAX = 256 * 1024;

export class Breath {
  #byteCount = 0;
  #taken: Promise<void> | undefined;

  /** So many bytes were received or sent. */
  note(byteCount: number): void {
    this.#byteCount += byteCount;
  }

  /** The same, and before more is done, this is waited for; undefined: there is nothing to wait for. */
  after(byteCount: number): Promise<void> | undefined {
    this.note(byteCount);
    if (this.#byteCount < BYTES_MAX) return undefined;
    this.#taken ??= scheduler.wait(0).then(() => {
      this.#byteCount = 0;
      this.#taken = undefined;
    });
    return this.#taken;
  }
}
