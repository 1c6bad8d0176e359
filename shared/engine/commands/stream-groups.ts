/** Consumer groups. */
import type { Command } from "../command.ts";

export const STREAM_GROUP_COMMANDS: readonly Command[] = [];
