/** Approximate counts. */
import type { Command } from "../command.ts";

export const HYPERLOGLOG_COMMANDS: readonly Command[] = [];
