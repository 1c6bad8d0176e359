// Calls and answers are the same on both sides of the wire.

import { describe, expect, test } from "vitest";
import type { CallAnswer, CallOptions } from "../../../workers/node/requests.ts";
import { toRequests } from "../../../workers/node/requests.ts";
import { answerText, readAnswer, readCall, wireCall } from "../../../workers/node/wire.ts";

const HISTORY = "0123456789abcdef0123456789abcdef01234567";
const PLAIN: CallOptions = { caller: { token: undefined }, format: "text", shape: "one" };

const CALLS: Readonly<Record<string, CallOptions>> = {
  "with a token of any characters": { ...PLAIN, caller: { token: 'a "\n\u00ff b' } },
  "with an empty token": { ...PLAIN, caller: { token: "" } },
  "of a binding": { ...PLAIN, caller: { binding: "read-only" } },
  "to the master": { ...PLAIN, route: { to: "master", read: undefined } },
  "that reads by default": {
    ...PLAIN,
    route: { to: "near", read: { contract: undefined, seen: undefined } },
  },
  "that reads not older than": {
    ...PLAIN,
    route: {
      to: "here",
      read: { contract: { kind: "max-lag", lagMaxMs: 5 }, seen: { id: HISTORY, offset: 7 } },
    },
  },
  "that has seen nothing we know": {
    ...PLAIN,
    route: { to: "near", read: { contract: { kind: "any" }, seen: { id: "", offset: 0 } } },
  },
  "that may come again": {
    ...PLAIN,
    repeat: { key: "\u0000\u00ff", isRepeated: true, isCommon: false },
  },
};

describe("a call arrives as it was sent", () => {
  test.each(Object.entries(CALLS))("%s", (_what, options) => {
    const requests = toRequests([["SET", "k", "\u00ff\r\n"]], [[1, "ERR no"]]);
    const [arrived, how] = readCall(wireCall(requests, options));
    expect(arrived).toEqual(requests);
    expect(how).toEqual({ repeat: undefined, route: undefined, ...options });
  });
});

const FINE: CallAnswer = {
  admission: "admitted",
  body: '{"result":"a\\nb ü"}',
  isError: false,
  position: `${HISTORY}:12`,
  role: "master",
  lagMs: 0,
  forward: undefined,
};

const ANSWERS: Readonly<Record<string, CallAnswer>> = {
  "of the master": FINE,
  "that is an error": { ...FINE, isError: true, admission: "read-only" },
  "whose age nobody knows": { ...FINE, role: "replica", lagMs: undefined },
  "that sends one elsewhere": { ...FINE, body: "", forward: { why: "replica", master: "weur" } },
  "that says only why not": { ...FINE, forward: { why: "no-data", master: undefined } },
  "of any bytes": { ...FINE, body: new Uint8Array([0, 10, 32, 255]) },
};

describe("an answer arrives as it was given", () => {
  test.each(Object.entries(ANSWERS))("%s", (_what, answer) => {
    expect(readAnswer(answerText(answer))).toEqual(answer);
  });
});
