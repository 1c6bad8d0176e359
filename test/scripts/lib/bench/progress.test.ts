// The line that says how far it is.

import { expect, test } from "vitest";

import { progressText } from "../../../../scripts/lib/bench/progress.ts";

const PLAN = [
  { name: "tcp", seconds: 60 },
  { name: "rest", seconds: 20 },
  { name: "lag", seconds: 20 },
];

test.each([
  ["tcp", 0, "[--------------------] 0 %  0:00  tcp: SET"],
  ["rest", 65.9, "[############--------] 60 %  1:05  rest: SET"],
  ["lag", 600, "[################----] 80 %  10:00  lag: SET"],
])("in %s after %d s it is by what has been done before", (name, seconds, line) => {
  expect(progressText(PLAN, { name, what: "SET", seconds })).toBe(line);
});
