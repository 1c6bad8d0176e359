// How much of a long test runs: a short share in `npm test`, all of it in `npm run soak`.

import process from "node:process";

export const isFull = process.env["FULL"] === "1";

/** `count` of the short share, or of the full one. */
export function scaled(count: { readonly short: number; readonly full: number }): number {
  return isFull ? count.full : count.short;
}
