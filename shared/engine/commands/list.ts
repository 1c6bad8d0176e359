/** Lists. */
import type { Command } from "../command.ts";

export const LIST_COMMANDS: readonly Command[] = [];
