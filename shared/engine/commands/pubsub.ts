/** Messages to who listens now. */
import type { Command } from "../command.ts";

export const PUBSUB_COMMANDS: readonly Command[] = [];
