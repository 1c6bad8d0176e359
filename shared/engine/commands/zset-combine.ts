/** Sorted sets out of others. */
import type { Command } from "../command.ts";

export const ZSET_COMBINE_COMMANDS: readonly Command[] = [];
