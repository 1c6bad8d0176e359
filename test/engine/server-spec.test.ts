// The transcripts of the commands that are about the node and its connections, told to the engine.

import { describe, expect, it } from "vitest";

import { ENGINE_COMMANDS, ENGINE_INFO } from "../../shared/engine/tables.ts";
import { transcripts } from "../spec/stories.ts";
import { enginePlace } from "../support/engine.ts";
import { play } from "../support/transcript.ts";

const GROUPS = ["client", "config", "connection", "info", "server"];

for (const { group, stories } of transcripts().filter(({ group }) => GROUPS.includes(group))) {
  describe(`${group}, on the engine`, () => {
    it.each(stories)("$title", async (story) => {
      const place = enginePlace({ commands: ENGINE_COMMANDS, info: ENGINE_INFO });
      expect(await play(story, place)).toBe(story.text);
    });
  });
}
