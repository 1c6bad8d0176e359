// What tests ask a node about itself, over a connection of theirs.

import type { Reply } from "../../shared/resp/reply.ts";
import { ReplyError, Status } from "../../shared/resp/reply.ts";
import type { RespClient } from "./resp-client.ts";

/** The fields of INFO, or of one section of it. */
export async function infoOf(
  client: RespClient,
  section = "everything",
): Promise<Map<string, string>> {
  const text = asText(await client.send("INFO", section));
  const lines = text.split("\r\n").filter((line) => line.includes(":"));
  return new Map(lines.map((line) => [line.split(":", 1)[0]!, line.slice(line.indexOf(":") + 1)]));
}

/** How far a node is in its history. */
export async function offsetOf(client: RespClient): Promise<number> {
  const info = await infoOf(client, "replication");
  return Number(
    info.get("role") === "slave" ? info.get("slave_repl_offset") : info.get("master_repl_offset"),
  );
}

export async function isLinkUp(client: RespClient): Promise<boolean> {
  return (await infoOf(client, "replication")).get("master_link_status") === "up";
}

/** A hash of the whole data set. */
export async function digestOf(client: RespClient): Promise<string> {
  return asText(await client.send("DEBUG", "DIGEST"));
}

/** A string or a status; an error throws. */
export function asText(reply: Reply): string {
  if (reply instanceof ReplyError) throw new Error(reply.text);
  if (reply instanceof Status) return reply.text;
  if (typeof reply === "string") return reply;
  throw new Error("a text was expected");
}
