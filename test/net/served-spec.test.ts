// What the transcripts show is what a node answers over TCP.

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { titled, transcripts } from "../spec/stories.ts";
import { serve, type Served } from "../support/serve.ts";
import { socketPlace } from "../support/socket-place.ts";
import { play } from "../support/transcript.ts";

describe("transcripts, on a node over TCP", () => {
  let served: Served;
  beforeAll(async () => {
    served = await serve({ replicas: [] });
  });
  afterAll(() => served.stop());

  for (const { group, stories } of transcripts()) {
    it.each(titled(stories))(`${group}: %s`, async (_title, story) => {
      const place = await socketPlace(served.ports.master);
      try {
        expect(await play(story, place)).toBe(story.text);
      } finally {
        await place.close();
      }
    });
  }
});
