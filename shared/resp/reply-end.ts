/** Where a reply ends, without a look at what is in it. */
import { assert } from "../base/assert.ts";

const DOLLAR = 36;
const ASTERISK = 42;

/**
 * Behind the reply that begins at `at`: a whole one in RESP2, as our encoder writes it, of any depth and
 * length.
 */
export function replyEnd(text: string, at: number): number {
  let end = at;
  for (let missing = 1; missing > 0; missing--) {
    const type = text.charCodeAt(end);
    const from = end + 1;
    end = text.indexOf("\r\n", from) + 2;
    assert(end > from, "replies come whole");
    if (type !== DOLLAR && type !== ASTERISK) continue;
    const length = Number(text.slice(from, end - 2));
    if (length < 0) continue;
    if (type === DOLLAR) end += length + 2;
    else missing += length;
  }
  assert(end <= text.length, "replies come whole");
  return end;
}
