// Writes the answers of the server at a port into the transcripts: `node test/spec/run.ts 6379 [group…]`.
// The server is emptied. Read what it wrote before you commit it.

import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";

import { socketPlace } from "../support/socket-place.ts";
import { play } from "../support/transcript.ts";
import { transcripts } from "./stories.ts";

const [port = "", ...groups] = process.argv.slice(2);
for (const { group, file, stories } of transcripts()) {
  if (groups.length > 0 && !groups.includes(group)) continue;
  let text = readFileSync(file, "utf8").split(/^# /m)[0]!;
  const told: string[] = [];
  for (const story of stories) {
    const place = await socketPlace(Number(port));
    told.push(`# ${story.title}\n${await play(story, place)}\n`);
    await place.close();
  }
  text += told.join("\n");
  writeFileSync(file, text);
}
