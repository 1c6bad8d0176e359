// A TCP proxy between a replica and its master that can misbehave: cut, cut after so many bytes, or
// stop reading.

import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export type Proxy = {
  readonly port: number;
  /** Connections that go through it now. */
  readonly count: number;
  /** Bytes that came from the server so far. */
  readonly bytes: number;
  /** Ends every connection at once, without goodbye. */
  cut(): void;
  /** Ends a connection once the server has sent so many bytes over it; undefined: never. */
  cutAfter(byteCount: number | undefined): void;
  /** Reads nothing from the server, or does again. */
  pause(isPaused: boolean): void;
  close(): Promise<void>;
};

/** Resolves once it listens, on a free port of loopback. */
export async function startProxy(target: { readonly port: number }): Promise<Proxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let bytes = 0;
  let bytesMax = Number.POSITIVE_INFINITY;
  let isPaused = false;

  const server = createServer((near) => {
    const far = connect({ port: target.port, host: "127.0.0.1" });
    const pair = [near, far] as const;
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const socket of pair) socket.setNoDelay().on("error", end).on("close", end);
    if (isPaused) far.pause();
    near.on("data", (data) => void far.write(data));
    let passed = 0;
    far.on("data", (data) => {
      bytes += data.length;
      const room = bytesMax - passed;
      passed += data.length;
      if (data.length <= room) {
        // What the replica does not take is not read from the master either.
        if (!near.write(data)) far.pause();
      } else near.write(data.subarray(0, room), end);
    });
    near.on("drain", () => {
      if (!isPaused) far.resume();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };

  const cut = (): void => {
    for (const [near, far] of pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  };
  return {
    port,
    get count() {
      return pairs.size;
    },
    get bytes() {
      return bytes;
    },
    cut,
    cutAfter: (byteCount) => (bytesMax = byteCount ?? Number.POSITIVE_INFINITY),
    pause: (paused) => {
      isPaused = paused;
      for (const [, far] of pairs) {
        if (paused) far.pause();
        else far.resume();
      }
    },
    close: async () => {
      cut();
      await new Promise((done) => server.close(done));
    },
  };
}
