/** Whether a node is master or replica, and of whom: state, kept in the store, not a class of node. */
import type { Store } from "../engine/store.ts";
import type { Address } from "./address.ts";

export type Role =
  | { readonly kind: "master" }
  | {
      readonly kind: "replica";
      readonly master: Address;
      /**
       * The election that the master's stream came from: an older one is that of a deposed master. Unset
       * until the first link: whom REPLICAOF names is followed, however old, as the operator says so.
       */
      readonly epochMin?: number;
      /** What is here came from this master, or is a part of its history. */
      readonly isFilled?: boolean;
      /** Clients wrote here (`replica-read-only no`): the data is not what the history says it is. */
      readonly isDiverged?: boolean;
    };

const META = "role";

export function loadRole(store: Store): Role | undefined {
  const text = store.meta(META);
  return text === undefined ? undefined : (JSON.parse(text) as Role);
}

export function saveRole(store: Store, role: Role): void {
  store.setMeta(META, JSON.stringify(role));
}
