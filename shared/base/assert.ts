/** A bug of ours. The node that meets one restarts from its store: going on would replicate the damage. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Holds, or the node restarts. Write the condition that is true when all is well. */
export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new InvariantError(what);
}
