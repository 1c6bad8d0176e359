// One connection, bytes in and bytes out, for what no client library would send.

import { connect } from "node:net";

/** Sends the bytes, says that no more will come, and resolves with all that was answered. */
export function ask(port: number, request: string): Promise<string> {
  return new Promise((done, fail) => {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => void (answer += text));
    socket.once("close", () => done(answer));
    // Redis may close before it has read everything; what it said before counts.
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "ECONNRESET" && error.code !== "EPIPE") fail(error);
    });
    socket.end(request, "latin1");
  });
}
