import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideResync, type Source } from "../../shared/replication/resync.ts";

const [OWN, PREVIOUS, OTHER] = ["a".repeat(40), "b".repeat(40), "c".repeat(40)];

const SOURCE: Source = {
  history: { id: OWN, previousId: PREVIOUS, previousUntil: 150, epoch: 1 },
  backlog: { start: 100, end: 200 },
};

const ask = (id: string, offset: number) => decideResync({ id, offset }, SOURCE);
const full = (why: string) => ({ kind: "full", why });
const CONTINUE = { kind: "continue" };

describe("a partial resync is granted", () => {
  it.each([
    ["at the first byte held", OWN, 100],
    ["in the middle", OWN, 160],
    ["with nothing missing", OWN, 200],
    ["of the previous history up to the promotion", PREVIOUS, 150],
    ["whatever the case of the id's letters", OWN.toUpperCase(), 150],
  ])("%s", (_, id, offset) => expect(ask(id, offset)).toEqual(CONTINUE));
});

describe("a partial resync is refused, with its reason,", () => {
  it.each([
    ["asked-for-full", "?", -1],
    ["unknown-history", OTHER, 150],
    ["diverged", PREVIOUS, 151],
    ["behind-backlog", OWN, 99],
    ["behind-backlog", PREVIOUS, 99],
    ["ahead-of-master", OWN, 201],
  ])("%s", (why, id, offset) => expect(ask(id, offset)).toEqual(full(why)));

  it("for anything that is not a position in what both sides share", () => {
    const anyAsk = fc.record({
      id: fc.constantFrom(OWN, PREVIOUS, OTHER, "?", ""),
      offset: fc.oneof(fc.integer({ min: -5, max: 400 }), fc.constant(Number.NaN)),
    });
    fc.assert(
      fc.property(anyAsk, ({ id, offset }) => {
        const isShared =
          offset >= 100 && offset <= 200 && (id === OWN || (id === PREVIOUS && offset <= 150));
        expect(decideResync({ id, offset }, SOURCE).kind).toBe(isShared ? "continue" : "full");
      }),
    );
  });
});
