// A master and its replicas, each in a process of its own as they are in regions of their own, against
// redis-server with replicas that are redis-servers.

import { ask, Client, until } from "./client.ts";
import type { Bench } from "./measurement.ts";
import type { Server } from "./servers.ts";

/** Who replicates, and how another of its kind is started. */
export const KINDS = ["ours", "redis"] as const;
export type Kind = (typeof KINDS)[number];

const SYNC_TIMEOUT_MS = 300_000;

export async function each<T>(make: (kind: Kind) => Promise<T>): Promise<Record<Kind, T>> {
  return { ours: await make("ours"), redis: await make("redis") };
}

export function start({ servers }: Bench, kind: Kind, folder?: string): Promise<Server> {
  return servers.of(kind, folder);
}

export async function withReplicas(
  bench: Bench,
  kind: Kind,
  count: number,
): Promise<{ master: Server; followers: Server[] }> {
  const master = await start(bench, kind);
  const followers: Server[] = [];
  for (let i = 0; i < count; i++) {
    const follower = await start(bench, kind);
    await follow(follower, master);
    followers.push(follower);
  }
  return { master, followers };
}

/**
 * Makes it a replica, if it is none yet, and waits until it has all that the master has now. `entryPort` is
 * where it dials instead of the master itself.
 */
export async function follow(
  replica: Server,
  master: Server,
  entryPort = master.entryPort,
): Promise<void> {
  const client = await Client.connect(replica.port);
  await until("the end of loading", async () => !(await isLoading(client)));
  const info = await client.info("replication");
  if (info.get("role") === "master") await client.send("REPLICAOF", ...master.addressAt(entryPort));
  client.close();
  await level(replica, master);
}

async function isLoading(client: Client): Promise<boolean> {
  return (await client.info("persistence")).get("loading") === "1";
}

/** Waits until the link is up and the replica has come to where the master is now. */
export async function level(replica: Server, master: Server): Promise<void> {
  const [onReplica, onMaster] = [
    await Client.connect(replica.port),
    await Client.connect(master.port),
  ];
  const wanted = Number((await onMaster.info("replication")).get("master_repl_offset"));
  const isLevel = async (): Promise<boolean> => {
    const info = await onReplica.info("replication");
    const isUp = info.get("master_link_status") === "up";
    return isUp && Number(info.get("slave_repl_offset")) >= wanted;
  };
  await until("the replica", isLevel, { timeoutMs: SYNC_TIMEOUT_MS });
  onReplica.close();
  onMaster.close();
}

/** A sync that forgets keys must not count as a fast one. */
export async function haveSameSize(replica: Server, master: Server): Promise<void> {
  const [has, wanted] = [await ask(replica.port, "DBSIZE"), await ask(master.port, "DBSIZE")];
  if (has === wanted) return;
  throw new Error(`the replica has ${Number(has)} keys, its master ${Number(wanted)}`);
}
