// What the transcripts show is what redis-server answers.

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { titled, transcripts } from "../spec/stories.ts";
import { hasRedis, type Redis, startRedis } from "../support/redis.ts";
import { socketPlace } from "../support/socket-place.ts";
import { play } from "../support/transcript.ts";

describe.skipIf(!hasRedis)("transcripts, on redis-server", () => {
  let redis: Redis;
  beforeAll(async () => {
    // Our limit on strings is below Redis's default.
    redis = await startRedis({ "proto-max-bulk-len": "32mb", "enable-debug-command": "yes" });
  });
  afterAll(() => redis.stop());

  for (const { group, stories } of transcripts()) {
    it.each(titled(stories))(`${group}: %s`, async (_title, story) => {
      const place = await socketPlace(redis.port);
      try {
        expect(await play(story, place)).toBe(story.text);
      } finally {
        await place.close();
      }
    });
  }
});
