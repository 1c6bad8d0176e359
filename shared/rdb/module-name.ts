/** Which module wrote a value: nine letters of six bits each, and ten bits of its version. */
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const LETTER_COUNT = 9;
const VERSION_BITS = 10;

/** The name of the type, as in "ReJSON-RL", that an id of 64 bits stands for. */
export function moduleName(id: bigint): string {
  let name = "";
  for (let i = 0; i < LETTER_COUNT; i++) {
    const shift = BigInt(VERSION_BITS + 6 * (LETTER_COUNT - 1 - i));
    name += LETTERS.charAt(Number((id >> shift) & 63n));
  }
  return name;
}
