// Ports to listen on: whether they are free, and free ones for those who do not mind which.

import { createServer } from "node:net";

/** A free port at an address: the one wanted, or any for 0. Rejects when the wanted one is taken. */
export function claimPort(host: string, port: number): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once("error", failed);
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      const claimed = typeof address === "object" && address !== null ? address.port : port;
      server.close(() => done(claimed));
    });
  });
}
