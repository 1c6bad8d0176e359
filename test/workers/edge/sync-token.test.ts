// What a session has seen, when answers come in another order than calls went out.

import { expect, test } from "vitest";

import { newestToken } from "../../../workers/edge/sync-token.ts";

const [OLD, NEW] = ["a".repeat(40), "b".repeat(40)];

const ROWS = [
  ["the first answer", "", "", `${OLD}:7`, `${OLD}:7`],
  ["a newer answer", `${OLD}:7`, `${OLD}:7`, `${OLD}:9`, `${OLD}:9`],
  ["an answer that was overtaken", `${OLD}:7`, `${OLD}:9`, `${OLD}:8`, `${OLD}:9`],
  ["an answer of another history", `${OLD}:7`, `${OLD}:9`, `${NEW}:8`, `${NEW}:8`],
  ["the old master's, behind the new one's", `${OLD}:7`, `${NEW}:8`, `${OLD}:9`, `${NEW}:8`],
  ["one of a third history", `${OLD}:7`, `${NEW}:8`, `${"c".repeat(40)}:1`, `${"c".repeat(40)}:1`],
  ["a newer one of the new history", `${OLD}:7`, `${NEW}:8`, `${NEW}:9`, `${NEW}:9`],
] as const;

test.each(ROWS)("after %s", (_, sent, known, answer, newest) => {
  expect(newestToken({ sent, known, answer })).toBe(newest);
});
