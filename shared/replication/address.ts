/** Where a master is: what REPLICAOF accepts, and how it is dialled. */
export type Address =
  /** A node of this deployment, by name. */
  | { readonly kind: "node"; readonly name: string }
  /** Another deployment's `/resp` endpoint. */
  | { readonly kind: "websocket"; readonly url: string }
  /** A RESP server over TCP: a node's own port, or a stock Redis. */
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

/** The host and port that REPLICAOF, INFO and ROLE show for an address. */
export function shownAddress(
  address: Address,
  ports: Readonly<Record<string, number>>,
): { host: string; port: number } {
  switch (address.kind) {
    case "node":
      return { host: address.name, port: ports[address.name] ?? 0 };
    case "websocket":
      return { host: address.url, port: 0 };
    case "tcp":
      return { host: address.host, port: address.port };
  }
}

/** Whether two addresses are the same place. */
export function sameAddress(a: Address, b: Address): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
