/** The settings that say up to which size values keep a compact encoding. */
import type { Limits } from "../types/limits.ts";
import type { Config } from "./config.ts";

const SETTING_OF = {
  hashEntries: "hash-max-listpack-entries",
  hashValue: "hash-max-listpack-value",
  intsetEntries: "set-max-intset-entries",
  zsetEntries: "zset-max-listpack-entries",
  zsetValue: "zset-max-listpack-value",
  hllSparseBytes: "hll-sparse-max-bytes",
  streamNodeBytes: "stream-node-max-bytes",
  streamNodeEntries: "stream-node-max-entries",
  listpackSize: "list-max-listpack-size",
} as const satisfies Record<keyof Limits, string>;

export function readLimits(config: Config): Limits {
  const limits: Partial<Limits> = {};
  for (const [name, setting] of Object.entries(SETTING_OF)) {
    limits[name as keyof Limits] = config.number(setting);
  }
  return limits as Limits;
}
