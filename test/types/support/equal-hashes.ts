// Names that all have the same hash in a PartMap: a flood of them as an attacker would make it. FNV-1a
// goes from state to state, so pairs that meet in a state can be chained: ten pairs make 1024 names.

const PRIME = 0x01000193;
const START = 0x811c9dc5;
const PAIRS = chain(10);

/** As many names as a power of two up to 1024 says. */
export function equalHashes(count: number): string[] {
  let names = [""];
  for (const pair of PAIRS) {
    // The rest of the chain is the same in all names, so that they end in one state.
    names = names.flatMap((name) => {
      return names.length < count ? pair.map((block) => name + block) : [name + pair[0]];
    });
  }
  return names;
}

/** Pairs of blocks of letters: both of a pair lead from where the one before ended to the same state. */
function chain(length: number): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let state = START; pairs.length < length;) {
    const met = meeting(state);
    pairs.push(met.pair);
    state = met.state;
  }
  return pairs;
}

function meeting(from: number): { pair: readonly [string, string]; state: number } {
  const seen = new Map<number, string>();
  for (let i = 0; ; i++) {
    // Letters in pseudo-random order: counting up alone, FNV would hardly ever meet.
    const block = (Math.imul(i, 0x9e3779b1) >>> 0).toString(36).padStart(7, "0");
    let state = from;
    for (let at = 0; at < block.length; at++) {
      state = Math.imul(state ^ block.charCodeAt(at), PRIME);
    }
    const other = seen.get(state);
    if (other !== undefined) return { pair: [other, block], state };
    seen.set(state, block);
  }
}
