/** Sorted sets. */
import type { Command } from "../command.ts";

export const ZSET_COMMANDS: readonly Command[] = [];
