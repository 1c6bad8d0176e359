/** How the message begins of a node that ends itself over a bug of ours: what led to it leads to it again. */
export const INVARIANT = "invariant: ";
