/** Up to which size values keep the compact encodings of Redis; the settings of the same names. */
export interface Limits {
  hashEntries: number;
  hashValue: number;
  intsetEntries: number;
  zsetEntries: number;
  zsetValue: number;
  /** Elements a HyperLogLog keeps sparse, in bytes. */
  hllSparseBytes: number;
  streamNodeBytes: number;
  streamNodeEntries: number;
  /** `list-max-listpack-size`: elements (positive) or a class of bytes (-1…-5). */
  listpackSize: number;
}

/** Nothing is compact: for values that have left their compact encoding before. */
export const EXPANDED_LIMITS: Readonly<Limits> = {
  hashEntries: 0,
  hashValue: 0,
  intsetEntries: 0,
  zsetEntries: 0,
  zsetValue: 0,
  hllSparseBytes: 3000,
  streamNodeBytes: 4096,
  streamNodeEntries: 100,
  listpackSize: -2,
};

/** Redis's defaults (redis.conf of 7.0). */
export const DEFAULT_LIMITS: Readonly<Limits> = {
  hashEntries: 512,
  hashValue: 64,
  intsetEntries: 512,
  zsetEntries: 128,
  zsetValue: 64,
  hllSparseBytes: 3000,
  streamNodeBytes: 4096,
  streamNodeEntries: 100,
  listpackSize: -2,
};
