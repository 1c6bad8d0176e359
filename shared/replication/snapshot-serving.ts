/** Snapshots for who fetches them: frames for a replica of ours, a whole RDB file for anyone. */
import { rdbEnd } from "../rdb/writer.ts";
import type { NodeCore } from "./node-core.ts";
import { SnapshotReader } from "./snapshot.ts";
import { decodeCursor, encodeCursor, encodeSnapshotFrame } from "./snapshot-frame.ts";

export interface ServedFrame {
  readonly bytes: string;
  /** The cursor behind it; undefined: it was the last. */
  readonly next: string | undefined;
}

/** A frame of a pinned snapshot from a cursor on; undefined when the pin is gone. */
export function readSnapshotFrame(
  core: NodeCore,
  { pin, at }: { pin: string; at: string },
): ServedFrame | undefined {
  const cursor = decodeCursor(at);
  if (cursor === undefined) return undefined;
  const options = { bytesMax: snapshotChunkBytes(core), form: "ours" } as const;
  const slice = core.snapshots.read(pin, cursor, options);
  if (slice === undefined) return undefined;
  const next = slice.next === undefined ? undefined : encodeCursor(slice.next);
  // The whole is vouched for frame by frame, as it may have come in several transfers.
  const bytes = next === undefined ? slice.bytes + rdbEnd(undefined) : slice.bytes;
  return { bytes: encodeSnapshotFrame({ cursor: next ?? "", bytes }), next };
}

export function snapshotChunkBytes(core: NodeCore): number {
  return core.engine.config.number("snapshot-chunk-bytes");
}

/**
 * A reader of the data set as it was at this offset or later; undefined: ask again soon for the same one, as
 * that is being written, or an older one is read.
 */
export function openSnapshotFile(
  core: NodeCore,
  offset = core.log.committedEnd,
): SnapshotReader | undefined {
  const pin = core.snapshots.open(() => core.pinnedAt(), { offset, mayShare: false });
  core.schedule();
  return pin === undefined ? undefined : new SnapshotReader(core.snapshots, pin.id);
}

export function closeSnapshotFile(core: NodeCore, reader: SnapshotReader): void {
  const { pin } = core.snapshots;
  if (pin?.id === reader.pinId) core.snapshots.release(pin);
  core.persistence.untidy();
  core.schedule();
}
