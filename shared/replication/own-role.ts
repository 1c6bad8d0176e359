/** What the engine is told of the node it belongs to. */
import type { RoleView } from "../engine/engine.ts";
import type { NodeCore } from "./node-core.ts";

/** A class: getters of an object literal are slow to call, and these are asked for every command. */
export class OwnRole implements RoleView {
  readonly #node: NodeCore;

  constructor(node: NodeCore) {
    this.#node = node;
  }

  get isReplica(): boolean {
    return this.#node.role.kind === "replica";
  }

  get isLinkUp(): boolean {
    return this.#node.link.isUp;
  }

  get goodReplicaCount(): number {
    return this.#node.goodFollowerCount;
  }

  get offset(): number {
    return this.#node.log.end;
  }
}
