// Where a deployment speaks RESP over WebSockets, from what people write on a command line.

const SCHEMES: Readonly<Record<string, string>> = {
  "http:": "ws:",
  "https:": "wss:",
  "ws:": "ws:",
  "wss:": "wss:",
};

/**
 * The WebSocket address of a node, from a deployment's address with or without `/resp?node=`; `node`
 * wins. Throws an error whose message says in one line what is wrong.
 */
export function endpointOf(given: string, node?: string): URL {
  const url = URL.parse(given);
  const scheme = url === null ? undefined : SCHEMES[url.protocol];
  if (url === null || scheme === undefined) {
    throw new Error(`'${given}' is no address: it begins with https:// or wss:// (or http, ws)`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new Error("a password does not belong into the address: use --password");
  }
  const path = url.pathname.replace(/\/+$/, "").replace(/\/resp$/, "");
  const endpoint = new URL(`${scheme}//${url.host}${path}/resp`);
  endpoint.searchParams.set("node", node ?? url.searchParams.get("node") ?? "master");
  return endpoint;
}
