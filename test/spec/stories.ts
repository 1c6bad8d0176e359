// The transcripts of this folder, each with the stories in it.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { parseTranscript, type Story } from "../support/transcript.ts";

const FOLDER = import.meta.dirname;

export interface Transcript {
  /** The group of commands it is about: the file's name. */
  readonly group: string;
  readonly file: string;
  readonly stories: readonly Story[];
}

/** For `it.each`, whose `$title` would cut long titles short. */
export function titled(stories: readonly Story[]): [title: string, story: Story][] {
  return stories.map((story) => [story.title, story]);
}

export function transcripts(): Transcript[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(".txt"))
    .toSorted()
    .map((name) => {
      const file = path.join(FOLDER, name);
      const stories = parseTranscript(readFileSync(file, "utf8"));
      return { group: path.basename(name, ".txt"), file, stories };
    });
}
