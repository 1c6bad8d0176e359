/** SORT. */
import type { Command } from "../command.ts";

export const SORT_COMMANDS: readonly Command[] = [];
