// Waiting for a node of ours to have nothing left to write.

import { Client, until } from "./client.ts";

/** Resolves with the billed rows it has written since it started, once all changes are in the base. */
export async function checkpointed(port: number): Promise<number> {
  const client = await Client.connect(port);
  let rows = Number.NaN;
  await until("a checkpoint", async () => {
    const info = await client.info("persistence");
    rows = Number(info.get("store_rows_written"));
    return info.get("rdb_changes_since_last_save") === "0";
  });
  client.close();
  if (Number.isNaN(rows)) throw new Error("INFO has no store_rows_written");
  return rows;
}
