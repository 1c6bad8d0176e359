// What is remembered of requests that were executed, for the case that they come again.

import { describe, expect, test } from "vitest";

import {
  ANSWER_BYTES_MAX,
  COMMON_OUTCOME_KEPT_MS,
  OUTCOME_BYTES_MAX,
  OUTCOME_KEPT_MS,
  Outcomes,
  OUTCOMES_MAX,
  type Repeat,
} from "../../../workers/node/outcomes.ts";

/** Counts how often work is done; each run answers with its number, padded to a size. */
function counting() {
  let runs = 0;
  const outcomes = new Outcomes<string>({ sizeOf: (text) => text.length, lost: () => "lost" });
  const ask = (repeat: Partial<Repeat> & { key: string }, nowMs = 0, size = 1): Promise<string> =>
    outcomes.run({ isRepeated: false, isCommon: false, ...repeat }, nowMs, () =>
      Promise.resolve(`${++runs}`.padEnd(size)),
    );
  return {
    outcomes,
    ask,
    again: (key: string, nowMs = 0) => ask({ key, isRepeated: true }, nowMs),
  };
}

describe("a request that is repeated", () => {
  test("is told its first outcome, however often it comes", async () => {
    const { ask, again } = counting();
    expect(await ask({ key: "a" })).toBe("1");
    expect([await again("a"), await again("a", OUTCOME_KEPT_MS - 1)]).toEqual(["1", "1"]);
  });

  test("is executed when it comes for the first time all the same", async () => {
    const { again } = counting();
    expect([await again("a"), await again("a")]).toEqual(["1", "1"]);
  });

  test("waits for the first when that is still running", async () => {
    const { outcomes } = counting();
    let finish: (answer: string) => void = () => undefined;
    const running = new Promise<string>((resolve) => (finish = resolve));
    const repeat = { key: "a", isCommon: false };
    const first = outcomes.run({ ...repeat, isRepeated: false }, 0, () => running);
    const second = outcomes.run({ ...repeat, isRepeated: true }, 0, () => Promise.resolve("two"));
    finish("one");
    expect(await Promise.all([first, second])).toEqual(["one", "one"]);
  });

  test("is executed again once the first is forgotten", async () => {
    const { ask, again } = counting();
    await ask({ key: "a" });
    expect(await again("a", OUTCOME_KEPT_MS)).toBe("2");
  });

  test("is forgotten sooner where others may ask for the same", async () => {
    const { ask, again } = counting();
    await ask({ key: "a", isCommon: true });
    expect(await again("a", COMMON_OUTCOME_KEPT_MS - 1)).toBe("1");
    expect(await again("a", COMMON_OUTCOME_KEPT_MS)).toBe("2");
  });

  test("is executed again when the first failed", async () => {
    const { outcomes, again } = counting();
    const failing = outcomes.run({ key: "a", isRepeated: false, isCommon: false }, 0, () =>
      Promise.reject(new Error("failed")),
    );
    await expect(failing).rejects.toThrow("failed");
    expect(await again("a")).toBe("1");
  });

  test("is told that its answer is lost when that was too long to keep", async () => {
    const { ask, again } = counting();
    await ask({ key: "a" }, 0, ANSWER_BYTES_MAX + 1);
    expect(await again("a")).toBe("lost");
  });
});

describe("a request that does not say so", () => {
  test("is executed each time, and the last outcome counts", async () => {
    const { ask, again } = counting();
    expect([await ask({ key: "a" }), await ask({ key: "a" })]).toEqual(["1", "2"]);
    expect(await again("a")).toBe("2");
  });
});

describe("what is remembered", () => {
  test("is so many outcomes at most, the oldest forgotten first", async () => {
    const { outcomes, ask, again } = counting();
    for (let i = 0; i < OUTCOMES_MAX + 10; i++) await ask({ key: `${i}` });
    expect(outcomes.count).toBe(OUTCOMES_MAX);
    expect(await again(`${OUTCOMES_MAX + 9}`)).toBe(`${OUTCOMES_MAX + 10}`);
    expect(await again("0")).toBe(`${OUTCOMES_MAX + 11}`);
  });

  test("is so many bytes at most", async () => {
    const { outcomes, ask } = counting();
    const size = ANSWER_BYTES_MAX;
    for (let i = 0; i < 20; i++) await ask({ key: `${i}` }, 0, size);
    await ask({ key: "last" });
    expect(outcomes.count * size).toBeLessThanOrEqual(OUTCOME_BYTES_MAX + size);
  });

  test("leaves when its time is over and others come", async () => {
    const { outcomes, ask } = counting();
    for (let i = 0; i < 100; i++) await ask({ key: `${i}` });
    await ask({ key: "later" }, OUTCOME_KEPT_MS);
    expect(outcomes.count).toBe(1);
  });
});
