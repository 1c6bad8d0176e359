// Calls of a node that fail: which are tried again, how often, and what the client hears in the end.

import { describe, expect, test } from "vitest";

import { callNode } from "../../../workers/edge/call.ts";

const OVERLOADED = { overloaded: true, remote: false };
const RESET = { durableObjectReset: true, remote: true };
const RETRYABLE = { retryable: true };
const BUG = { remote: true };
const OVERLOADED_LONG = Array.from({ length: 9 }, () => OVERLOADED);

/** Fails as often as there are failures, then answers; tells how often it was called. */
async function attempt(failures: readonly object[], isRepeatable: boolean) {
  let calls = 0;
  const pauses: number[] = [];
  const call = (): Promise<string> => {
    const failure = failures[calls++];
    return failure === undefined
      ? Promise.resolve("answer")
      : Promise.reject(Object.assign(new Error("failed"), failure));
  };
  const sleep = (ms: number): Promise<void> => {
    pauses.push(ms);
    return Promise.resolve();
  };
  const outcome = await callNode(call, { isRepeatable }, sleep).catch((error: unknown) => error);
  return { outcome, calls, pauses };
}

describe("a call of a node", () => {
  for (const isRepeatable of [false, true]) {
    test(`that was refused at the door is made again (repeatable: ${isRepeatable})`, async () => {
      const { outcome, calls } = await attempt([OVERLOADED, OVERLOADED], isRepeatable);
      expect({ outcome, calls }).toEqual({ outcome: "answer", calls: 3 });
    });

    test(`is given up after four tries (repeatable: ${isRepeatable})`, async () => {
      const { outcome, calls } = await attempt(OVERLOADED_LONG, isRepeatable);
      expect(calls).toBe(4);
      expect(outcome).toMatchObject({
        status: 503,
        message: "ERR the node is overloaded; nothing of this was executed",
      });
    });

    test(`that fails for another reason fails with it (repeatable: ${isRepeatable})`, async () => {
      const { outcome, calls } = await attempt([BUG], isRepeatable);
      expect(calls).toBe(1);
      expect(outcome).toMatchObject({ message: "failed", remote: true });
    });
  }

  test("whose node went away is made again where that does no harm", async () => {
    for (const failure of [RESET, RETRYABLE]) {
      const { outcome, calls } = await attempt([failure], true);
      expect({ outcome, calls }).toEqual({ outcome: "answer", calls: 2 });
    }
  });

  test("that ended its node by a bug of ours is not made again", async () => {
    const failure = { ...RESET, message: "invariant: a stored value is what it was" };
    expect((await attempt([failure], true)).calls).toBe(1);
  });

  test("whose node went away is not made again where it may have run", async () => {
    const { outcome, calls } = await attempt([RESET], false);
    expect(calls).toBe(1);
    expect(outcome).toMatchObject({
      status: 503,
      message: "ERR the node was restarted; whether this was executed is not known",
    });
  });

  test("waits longer each time, and never as long as two seconds", async () => {
    const { pauses } = await attempt(OVERLOADED_LONG, true);
    expect(pauses).toHaveLength(3);
    expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
    expect(Math.max(...pauses)).toBeLessThan(2000);
  });
});
