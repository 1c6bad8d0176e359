// Commands of which many are under way at a time, within bounds: neither side has to hold much.

import { encodeCommand } from "../../shared/resp/encoder.ts";
import type { Reply } from "../../shared/resp/reply.ts";

/** Told how a command ends: by an answer, or with the connection. */
export interface Waiting {
  readonly done: (reply: Reply) => void;
  readonly fail: (error: Error) => void;
}

/** What a pipeline needs of a connection. */
interface Line {
  /** Who is told of the next answer that is not yet awaited. */
  expect(waiting: Waiting): void;
  /** Resolves once there is room for more. */
  write(text: string): Promise<void>;
}

const WINDOW_COMMANDS = 2000;
const WINDOW_BYTES = 4 << 20;
/** Gathered for one write. */
const WRITE_BYTES = 64 << 10;

export class Pipeline {
  readonly #line: Line;
  /** Not yet written. */
  #text = "";
  /** Under way, or gathered to be. */
  #count = 0;
  #bytes = 0;
  #wake: () => void = () => {};
  #failure: Error | undefined;

  constructor(line: Line) {
    this.#line = line;
  }

  /**
   * Resolves once there is room for another. `onReply` returns what is wrong with the answer, if
   * anything is: then the next call throws it.
   */
  async send(
    args: readonly string[],
    onReply: (reply: Reply) => string | undefined,
  ): Promise<void> {
    const command = encodeCommand(args);
    await this.#room(WINDOW_COMMANDS, Math.max(0, WINDOW_BYTES - command.length));
    this.#count++;
    this.#bytes += command.length;
    this.#line.expect({
      done: (reply) => {
        const why = onReply(reply);
        if (why !== undefined) this.#failure ??= new Error(why);
        this.#settle(command.length);
      },
      fail: (error) => {
        this.#failure ??= error;
        this.#settle(command.length);
      },
    });
    this.#text += command;
    if (this.#text.length >= WRITE_BYTES) await this.#flush();
  }

  /** Resolves once all are answered. */
  async end(): Promise<void> {
    await this.#room(0, 0);
  }

  async #room(commandsMax: number, bytesMax: number): Promise<void> {
    while (this.#failure === undefined && (this.#count > commandsMax || this.#bytes > bytesMax)) {
      if (this.#text !== "") await this.#flush();
      else await new Promise<void>((done) => (this.#wake = done));
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #flush(): Promise<void> {
    const text = this.#text;
    this.#text = "";
    await this.#line.write(text);
  }

  #settle(byteCount: number): void {
    this.#count--;
    this.#bytes -= byteCount;
    this.#wake();
  }
}
