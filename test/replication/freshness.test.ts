import { describe, expect, it } from "vitest";
import {
  type Ask,
  decide,
  parseContract,
  parseSeen,
  positionText,
  type Standing,
  whenLate,
} from "../../shared/replication/freshness.ts";
import { Proof } from "../../shared/replication/proof.ts";

const ID = "a".repeat(40);
const OLD = "b".repeat(40);
const OTHER = "c".repeat(40);
const NOW_MS = 1_000_000;

/** A replica at 100, proven 50 ms ago. */
const REPLICA: Standing = {
  isMaster: false,
  isFilled: true,
  isDiverged: false,
  history: { id: ID, previousId: OLD, previousUntil: 40, epoch: 2 },
  offset: 100,
  provenAtMs: NOW_MS - 50,
  isProvable: true,
  isInTouch: true,
  isCaughtUp: true,
};

const at = (id: string, offset: number) => ({ id, offset });

function ask(contract: string, seen?: { id: string; offset: number }): Ask {
  return { contract: parseContract(contract)!, seen };
}

/** `now`, `wait`, or why the master has to answer. */
function verdict(asked: Ask, node: Partial<Standing> = {}): string {
  const decided = decide(asked, { ...REPLICA, ...node }, NOW_MS);
  return decided.at === "forward" ? decided.why : decided.at;
}

function late(asked: Ask, node: Partial<Standing> = {}): string {
  const decided = whenLate(asked, { ...REPLICA, ...node }, NOW_MS);
  return decided.at === "forward" ? decided.why : decided.at;
}

const EVERY = ["strong", "token", "any", "max-lag=0"];

describe("a master", () => {
  it("answers whatever is asked: nobody has more", () => {
    for (const contract of EVERY) {
      for (const seen of [undefined, at(ID, 1e9), at(OTHER, 1)]) {
        const node = { isMaster: true, isFilled: false, provenAtMs: -Infinity };
        expect(verdict(ask(contract, seen), node)).toBe("now");
      }
    }
  });
});

describe("a replica", () => {
  it("answers nothing before it has its master's data", () => {
    for (const contract of EVERY) {
      expect(verdict(ask(contract), { isFilled: false })).toBe("no-data");
      expect(late(ask(contract), { isFilled: false })).toBe("no-data");
    }
  });

  it("answers nothing once clients wrote to it", () => {
    for (const contract of EVERY) {
      expect(verdict(ask(contract), { isDiverged: true })).toBe("diverged");
    }
  });

  it("leaves strong reads to the master", () => {
    expect(verdict(ask("strong"))).toBe("strong");
  });
});

describe("what the caller has seen", () => {
  it("is answered at once where it is here", () => {
    expect(verdict(ask("token", at(ID, 100)))).toBe("now");
  });

  it("is waited for where it is not, and left to the master when that takes too long", () => {
    expect(verdict(ask("token", at(ID, 101)))).toBe("wait");
    expect(late(ask("token", at(ID, 101)))).toBe("behind");
  });

  it("is not waited for on a link that is in trouble", () => {
    expect(verdict(ask("token", at(ID, 101)), { isInTouch: false })).toBe("behind");
  });

  it("may be of the history before the last promotion, as far as that is the same", () => {
    expect(verdict(ask("token", at(OLD, 40)))).toBe("now");
    expect(verdict(ask("token", at(OLD, 41)))).toBe("other-history");
  });

  it("is left to the master at once where its history is another", () => {
    expect(verdict(ask("token", at(OTHER, 1)))).toBe("other-history");
    expect(verdict(ask("any", at(OTHER, 1)))).toBe("other-history");
  });

  it("is named by an id in any case", () => {
    expect(verdict(ask("token", at(ID.toUpperCase(), 100)))).toBe("now");
  });

  it("binds every contract; `any` only does not wait for it", () => {
    expect(verdict(ask("max-lag=1000", at(ID, 101)))).toBe("wait");
    expect(verdict(ask("any", at(ID, 101)))).toBe("behind");
  });
});

describe("max-lag", () => {
  it("is kept by what was proven so long ago, and no longer", () => {
    expect(verdict(ask("max-lag=50"))).toBe("now");
    expect(verdict(ask("max-lag=49"))).toBe("wait");
    expect(late(ask("max-lag=49"))).toBe("stale");
  });

  it("is never kept by a replica that is cut off for longer", () => {
    expect(verdict(ask("max-lag=50"), { isInTouch: false })).toBe("now");
    expect(verdict(ask("max-lag=49"), { isInTouch: false })).toBe("stale");
    expect(verdict(ask("max-lag=999999999"), { provenAtMs: -Infinity, isInTouch: false })).toBe(
      "stale",
    );
  });

  it("is not waited for where the master cannot be asked", () => {
    expect(verdict(ask("max-lag=49"), { isProvable: false })).toBe("stale");
  });
});

describe("a replica that has just woken", () => {
  const woken = { isCaughtUp: false };

  it("catches up before it answers someone who has seen nothing", () => {
    expect(verdict(ask("any"), woken)).toBe("wait");
    expect(verdict(ask("token"), woken)).toBe("wait");
  });

  it("answers with what it has where its master cannot be reached", () => {
    expect(late(ask("any"), woken)).toBe("now");
    expect(verdict(ask("any"), { ...woken, isInTouch: false })).toBe("now");
  });

  it("answers at once what it has and who asks has seen", () => {
    expect(verdict(ask("token", at(ID, 100)), woken)).toBe("now");
  });
});

describe("a contract's text", () => {
  it("is one of four words, in any case", () => {
    expect(parseContract(" Strong ")).toEqual({ kind: "strong" });
    expect(parseContract("max-lag=500")).toEqual({ kind: "max-lag", lagMaxMs: 500 });
  });

  it("is refused otherwise", () => {
    for (const text of ["", "weak", "max-lag", "max-lag=", "max-lag=-1", "max-lag=1.5", "any=1"]) {
      expect([text, parseContract(text)]).toEqual([text, undefined]);
    }
    expect(parseContract(`max-lag=${"9".repeat(19)}`)).toBe(undefined);
    expect(parseContract("max-lag=1=2")).toBe(undefined);
  });
});

describe("a position's text", () => {
  it("is read as it was written", () => {
    expect(parseSeen(positionText(at(ID, 12)))).toEqual(at(ID, 12));
  });

  it("is nothing where it is empty", () => {
    expect(parseSeen("")).toBe(undefined);
  });

  it("is of a history nobody knows where it is anything else", () => {
    for (const text of ["x", ID, `${ID}:`, `${ID}:-1`, `${ID}:1:2`, "abc:1"]) {
      expect(verdict(ask("token", parseSeen(text)))).toBe("other-history");
    }
  });
});

describe("a proof of freshness", () => {
  it("dates from when the master was asked, once what it said is here", () => {
    const proof = new Proof();
    proof.asked(10);
    proof.answered(at(ID, 50));
    expect(proof.provenAtMs(at(ID, 49))).toBe(-Infinity);
    expect(proof.provenAtMs(at(ID, 50))).toBe(10);
  });

  it("is none where the master says nothing of where it is, or was not asked", () => {
    const proof = new Proof();
    proof.asked(10);
    proof.answered(undefined);
    proof.answered(at(ID, 1));
    expect(proof.provenAtMs(at(ID, 50))).toBe(-Infinity);
  });

  it("is none where the master is of another history", () => {
    const proof = new Proof();
    proof.asked(10);
    proof.answered(at(OTHER, 1));
    expect(proof.provenAtMs(at(ID, 50))).toBe(-Infinity);
    expect(proof.isUnderWay).toBe(false);
  });

  it("stays when the connection breaks, and what was asked does not", () => {
    const proof = new Proof();
    proof.asked(10);
    proof.answered(at(ID, 1));
    expect(proof.provenAtMs(at(ID, 1))).toBe(10);
    proof.asked(20);
    proof.broken();
    proof.answered(at(ID, 1));
    expect(proof.provenAtMs(at(ID, 1))).toBe(10);
  });

  it("is not put off by later answers that ask for more", () => {
    const proof = new Proof();
    proof.asked(10);
    proof.answered(at(ID, 5));
    proof.asked(20);
    proof.answered(at(ID, 9));
    expect(proof.provenAtMs(at(ID, 5))).toBe(10);
  });
});
