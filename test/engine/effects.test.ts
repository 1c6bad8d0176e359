import { describe, expect, it } from "vitest";

import { engineHarness } from "../support/engine.ts";
import { showUnits } from "./effect-cases.ts";
import { ALL_EFFECT_CASES } from "./effects/all.ts";

const RULES = ALL_EFFECT_CASES.map((row) => [row.rule, row] as const);

describe("what the engine propagates", () => {
  it.each(RULES)("%s", (_rule, { given, when, stream, isAnyOrder }) => {
    const { engine, units, connect } = engineHarness();
    const client = connect();
    for (const args of given) client.send(args);
    units.length = 0;
    for (const args of when) client.send(args);
    const shown = showUnits(units, engine.nowMs);
    expect(isAnyOrder ? shown.toSorted() : shown).toEqual(stream);
  });
});
