/** Hashes. */
import type { Command } from "../command.ts";

export const HASH_COMMANDS: readonly Command[] = [];
