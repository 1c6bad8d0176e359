// Talks to a redis-server in binary strings, without any code of ours that the test might share.

import { connect, type Socket } from "node:net";

export type Answer = string | number | null | Answer[];

/** An error of the server, thrown. */
export class ServerError extends Error {}

export class Client {
  readonly #socket: Socket;
  #unread = "";
  #wake: (() => void) | undefined;

  constructor(port: number) {
    this.#socket = connect({ host: "127.0.0.1", port });
    this.#socket.setEncoding("latin1");
    this.#socket.on("data", (chunk: string) => {
      this.#unread += chunk;
      this.#wake?.();
    });
  }

  /** One command, its arguments binary strings; its answer. One at a time. */
  async ask(...command: readonly string[]): Promise<Answer> {
    const parts = command.map((text) => `$${text.length}\r\n${text}\r\n`);
    this.#socket.write(`*${command.length}\r\n${parts.join("")}`, "latin1");
    return this.#answer();
  }

  /** All of them, one after the other. */
  async all(commands: readonly (readonly string[])[]): Promise<void> {
    for (const command of commands) await this.ask(...command);
  }

  close(): void {
    this.#socket.destroy();
  }

  async #answer(): Promise<Answer> {
    const line = await this.#line();
    const rest = line.slice(1);
    if (line.startsWith("+")) return rest;
    if (line.startsWith(":")) return Number(rest);
    if (line.startsWith("-")) throw new ServerError(rest);
    const count = Number(rest);
    if (count < 0) return null;
    if (line.startsWith("$")) return (await this.#bytes(count + 2)).slice(0, -2);
    const answers: Answer[] = [];
    while (answers.length < count) answers.push(await this.#answer());
    return answers;
  }

  async #line(): Promise<string> {
    while (!this.#unread.includes("\r\n")) await this.#more();
    const line = this.#unread.slice(0, this.#unread.indexOf("\r\n"));
    this.#unread = this.#unread.slice(line.length + 2);
    return line;
  }

  async #bytes(count: number): Promise<string> {
    while (this.#unread.length < count) await this.#more();
    const bytes = this.#unread.slice(0, count);
    this.#unread = this.#unread.slice(count);
    return bytes;
  }

  #more(): Promise<void> {
    return new Promise((done) => (this.#wake = done));
  }
}
