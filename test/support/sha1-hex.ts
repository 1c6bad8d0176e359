import { createHash } from "node:crypto";

/** The SHA-1 of bytes, as scripts are called by it. */
export function sha1Hex(binary: string): string {
  return createHash("sha1").update(binary, "latin1").digest("hex");
}
