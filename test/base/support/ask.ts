// Many commands to a real Redis at once, and their replies in text.

import { encodeCommand } from "../../../shared/resp/encoder.ts";
import { type Reply, ReplyError } from "../../../shared/resp/reply.ts";
import { ReplyDecoder } from "../../../shared/resp/reply-decoder.ts";
import { ask } from "../../resp/support/ask.ts";

/** The replies, one a command. */
export async function askAll(port: number, commands: readonly string[][]): Promise<Reply[]> {
  const decoder = new ReplyDecoder();
  decoder.push(await ask(port, commands.map((command) => encodeCommand(command)).join("")));
  return commands.map(() => decoder.next() ?? null);
}

/** What a person would call the reply: a string's bytes, an integer's digits, an error's text. */
export function textOf(reply: Reply | undefined): string | undefined {
  if (reply instanceof ReplyError) return reply.text;
  if (typeof reply === "string") return reply;
  return typeof reply === "number" || typeof reply === "bigint" ? String(reply) : undefined;
}
