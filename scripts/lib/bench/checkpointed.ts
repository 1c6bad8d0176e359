// Waiting for a node of ours to have nothing left to write.

import { Client, until } from "./client.ts";

/** Checkpoints are written in steps with pauses between them; who has written nothing for so long is done. */
const QUIET_MS = 300;

/** Resolves once all changes are in the base. */
export async function checkpointed(port: number): Promise<void> {
  const client = await Client.connect(port);
  let rows = "";
  let sinceMs = performance.now();
  await until("a checkpoint", async () => {
    const info = await client.info("persistence");
    const written = info.get("store_rows_written");
    if (written === undefined) throw new Error("INFO has no store_rows_written");
    if (written !== rows) sinceMs = performance.now();
    rows = written;
    const isClean = info.get("rdb_changes_since_last_save") === "0";
    return isClean && performance.now() - sinceMs > QUIET_MS;
  });
  client.close();
}
