// Where a server is, from what people write on a command line: a Redis (TCP, TLS), or a deployment that
// is reached over HTTP and WebSockets.

import { endpointOf } from "./endpoint.ts";

export type ServerAddress =
  | {
      readonly kind: "redis";
      readonly host: string;
      readonly port: number;
      readonly isTls: boolean;
      /** From the address itself; empty: none was given. */
      readonly user: string;
      readonly password: string;
    }
  /** `url` is the WebSocket address of a node. */
  | { readonly kind: "deployment"; readonly url: URL };

const REDIS_PORT = 6379;
const WORDS = "redis://HOST:PORT, rediss://HOST:PORT or a deployment's https:// address";

/** Whether this names a server and not a file. */
export function isServer(given: string): boolean {
  return /^(rediss?|https?|wss?):\/\//i.test(given);
}

/** Throws an error whose message says in one line what is wrong. */
export function serverAddressOf(given: string): ServerAddress {
  const url = URL.parse(given);
  if (url === null) throw new Error(`'${given}' is no address: write ${WORDS}`);
  if (!/^rediss?:$/.test(url.protocol)) return { kind: "deployment", url: endpointOf(given) };
  if (!/^\/?$/.test(url.pathname)) {
    throw new Error(`'${given}' names a database: leave it out of the address and use --db`);
  }
  return {
    kind: "redis",
    host: url.hostname.replaceAll(/^\[|\]$/g, ""),
    port: url.port === "" ? REDIS_PORT : Number(url.port),
    isTls: url.protocol === "rediss:",
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
}

/** As it may be shown: without the password. */
export function shownAddress(address: ServerAddress): string {
  if (address.kind === "deployment") return address.url.href;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `${address.isTls ? "rediss" : "redis"}://${host}:${address.port}`;
}
