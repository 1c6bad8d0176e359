import { describe, expect, it } from "vitest";

import { enginePlace } from "../support/engine.ts";
import { play } from "../support/transcript.ts";
import { titled, transcripts } from "./stories.ts";

/** Groups whose commands the harness has; the others are told to a node. */
const GROUPS = [
  "acl",
  "bitmap",
  "command",
  "database",
  "expire",
  "function",
  "geo",
  "hash",
  "hyperloglog",
  "keys",
  "latency",
  "list",
  "memory",
  "notifications",
  "object",
  "pubsub",
  "scan",
  "script",
  "script-libraries",
  "set",
  "sort",
  "stream",
  "string",
  "tracking",
  "transaction",
  "zset",
  "zset-range",
];

for (const { group, stories } of transcripts().filter(({ group }) => GROUPS.includes(group))) {
  describe(`${group}, on the engine`, () => {
    it.each(titled(stories))("%s", async (_title, story) => {
      expect(await play(story, enginePlace())).toBe(story.text);
    });
  });
}
