import { describe, expect, it } from "vitest";

import { engineHarness } from "../support/engine.ts";
import { EFFECT_CASES, showUnits } from "./effect-cases.ts";

describe("what the engine propagates", () => {
  for (const { rule, given, when, stream, isAnyOrder } of EFFECT_CASES) {
    it(rule, () => {
      const { engine, units, connect } = engineHarness();
      const client = connect();
      for (const args of given) client.send(args);
      units.length = 0;
      for (const args of when) client.send(args);
      const shown = showUnits(units, engine.nowMs);
      expect(isAnyOrder ? shown.toSorted() : shown).toEqual(stream);
    });
  }
});
