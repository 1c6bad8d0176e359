/** LZF, as Redis compresses strings of more than 20 bytes. Read only: we never write it. */
import { toBinary } from "../base/bytes.ts";

/** Three bytes, a copy of the longest kind, become 264. */
const GROWTH_MAX = 88;

/**
 * What was compressed, `byteCount` bytes of it, or undefined when the input is damaged. Reserves no
 * more memory than the input can fill, whatever `byteCount` says.
 */
export function lzfDecompress(input: string, byteCount: number): string | undefined {
  if (byteCount > input.length * GROWTH_MAX) return undefined;
  const output = new Uint8Array(byteCount);
  let to = 0;
  let from = 0;
  while (from < input.length) {
    const control = input.charCodeAt(from++);
    if (control < 32) {
      const end = from + control + 1;
      if (end > input.length || to + control + 1 > byteCount) return undefined;
      while (from < end) output[to++] = input.charCodeAt(from++);
      continue;
    }
    let count = (control >> 5) + 2;
    if (count === 9) count += input.charCodeAt(from++);
    let back = to - 1 - ((control & 31) << 8) - input.charCodeAt(from++);
    // Past the input's end the char code is NaN, and so is what was made of it: no comparison
    // holds.
    if (!(back >= 0 && to + count <= byteCount)) return undefined;
    // A copy may overlap itself, so byte by byte: that is how runs are written.
    for (const end = to + count; to < end;) output[to++] = output[back++]!;
  }
  return to === byteCount ? toBinary(output) : undefined;
}
