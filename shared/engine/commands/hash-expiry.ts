/** Fields that expire. */
import type { Command } from "../command.ts";

export const HASH_EXPIRY_COMMANDS: readonly Command[] = [];
