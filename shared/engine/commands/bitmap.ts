/** Bits of strings. */
import type { Command } from "../command.ts";

export const BITMAP_COMMANDS: readonly Command[] = [];
