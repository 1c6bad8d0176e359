/** A snapshot's frames as an HTTP body: made as they are read, cut at any byte. */
import { fromBinary } from "../../../shared/base/bytes.ts";
import type { SnapshotRequest } from "../../../shared/replication/host.ts";
import { readSnapshotFrame } from "../../../shared/replication/snapshot-serving.ts";
import type { Life, SimNode } from "./sim-node.ts";

/** Calls `snapshotBytes` and `snapshotEnded` of the reader's core until the transfer is over. */
export function transferSnapshot(
  reader: Life,
  server: SimNode | undefined,
  request: SnapshotRequest,
): void {
  const { world } = reader;
  const { attempt } = request;
  const { chance, agenda, network } = world;
  const source = server?.life;
  let cursor = request.cursor;

  const end = (why: string | undefined): void => {
    reader.event((core) => core.snapshotEnded(attempt, why));
  };
  const later = (work: () => void): void => {
    agenda.after(network.latencyMs + chance.below(network.jitterMs + 1), work);
  };
  const step = (): void => {
    if (source === undefined || source.isOver) {
      // The reader learns of it late, or has to find out by itself.
      if (chance.happens(0.8)) later(() => end("connection lost"));
      return;
    }
    const frame = source.event((core) => readSnapshotFrame(core, { pin: request.pin, at: cursor }));
    const isFirst = cursor === request.cursor;
    if (frame === undefined) {
      source.whenDurable(() => later(() => end(isFirst ? "gone" : "snapshot is gone")));
      source.event(() => undefined);
      return;
    }
    source.whenDurable(() => later(() => deliver(frame)));
    source.event(() => undefined);
  };
  const deliver = (frame: { bytes: string; next: string | undefined }): void => {
    const bytes = fromBinary(frame.bytes);
    const isCut = chance.happens(network.transferCuts);
    const length = isCut ? chance.below(bytes.length + 1) : bytes.length;
    let isWanted = true;
    const middle = chance.below(length + 1);
    for (const part of [bytes.subarray(0, middle), bytes.subarray(middle, length)]) {
      if (part.length === 0 || !isWanted) continue;
      isWanted = reader.event((core) => core.snapshotBytes(attempt, part)) ?? false;
    }
    if (!isWanted) return;
    if (isCut) end("cut");
    else if (frame.next === undefined) end(undefined);
    else {
      cursor = frame.next;
      step();
    }
  };
  later(step);
}
