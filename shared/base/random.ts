/** The source of chance: given to the engine, so that a run can be played again from its seed. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** `count` random hex digits (replication ids, run ids). */
  hex(count: number): string;
}

/** A small seeded generator (sfc32): good enough to simulate, never for secrets. */
export function seededRandom(seed: number): Random {
  let a = 0x9e3779b9 ^ seed;
  let b = 0x243f6a88;
  let c = 0xb7e15162 ^ Math.imul(seed, 0x85ebca6b);
  let d = 1;
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    c |= 0;
    return (t >>> 0) / 0x1_0000_0000;
  };
  for (let i = 0; i < 12; i++) next();
  return {
    next,
    hex: (count) => {
      let text = "";
      while (text.length < count) text += Math.floor(next() * 16).toString(16);
      return text;
    },
  };
}
