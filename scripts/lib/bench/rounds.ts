// Takes turns, so that a machine that gets slower or faster meanwhile is so for everyone.

/**
 * Every run once a round. Each second round goes backwards: what drifts evenly then cancels out. Figures come
 * by run, in the order of the rounds.
 */
export async function interleave<Name extends string, Figures>(
  runs: Readonly<Record<Name, (round: number) => Promise<Figures>>>,
  { rounds }: { readonly rounds: number },
): Promise<Record<Name, Figures[]>> {
  const names = Object.keys(runs) as Name[];
  const figures = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    Name,
    Figures[]
  >;
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? names : names.toReversed();
    for (const name of order) figures[name].push(await runs[name](round));
  }
  return figures;
}

/** The samples of one figure, by run. */
export function pick<Name extends string, Figure extends string>(
  figures: Readonly<Record<Name, readonly Readonly<Record<Figure, number>>[]>>,
  figure: Figure,
): Record<Name, number[]> {
  const entries = (Object.keys(figures) as Name[]).map((name) => {
    return [name, figures[name].map((each) => each[figure])];
  });
  return Object.fromEntries(entries) as Record<Name, number[]>;
}
