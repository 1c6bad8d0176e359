/** Sets. */
import type { Command } from "../command.ts";

export const SET_COMMANDS: readonly Command[] = [];
