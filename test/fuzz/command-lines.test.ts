import { expect, it } from "vitest";
import { fuzzCommandLines } from "./command-lines.ts";

it("answers every command line once and in order, whatever it says, and nobody else notices", () => {
  for (let seed = 1; seed <= 60; seed++) expect(() => fuzzCommandLines(seed)).not.toThrow();
});
