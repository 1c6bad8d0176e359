/** Places on earth. */
import type { Command } from "../command.ts";

export const GEO_COMMANDS: readonly Command[] = [];
