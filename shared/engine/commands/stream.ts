/** Streams. */
import type { Command } from "../command.ts";

export const STREAM_COMMANDS: readonly Command[] = [];
