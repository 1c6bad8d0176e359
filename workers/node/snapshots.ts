/** Snapshots over HTTP: frames for a replica that may resume, and a whole .rdb file for anyone. */
import { fromBinary } from "../../shared/base/bytes.ts";
import type { NodeCore } from "../../shared/replication/node-core.ts";
import {
  closeSnapshotFile,
  openSnapshotFile,
  readSnapshotFrame,
  snapshotChunkBytes,
} from "../../shared/replication/snapshot-serving.ts";
import type { PlatformHost } from "./platform-host.ts";

interface Ports {
  readonly host: PlatformHost;
  readonly core: NodeCore;
}

/** `?pin=ID&cursor=TEXT`: frames of a pinned snapshot from a cursor on; 410 when the pin is gone. */
export function servePinned({ host, core }: Ports, query: URLSearchParams): Response {
  const pin = query.get("pin") ?? "";
  let cursor: string | undefined = query.get("cursor") ?? "";
  const first = host.event(() => readSnapshotFrame(core, { pin, at: cursor! }));
  if (first === undefined) return new Response("this snapshot is gone\n", { status: 410 });
  let frame: typeof first | undefined = first;
  return stream(host, () => {
    frame ??= host.event(() => readSnapshotFrame(core, { pin, at: cursor! }));
    if (frame === undefined) return "gone";
    const { bytes } = frame;
    cursor = frame.next;
    frame = undefined;
    return { bytes, isLast: cursor === undefined };
  });
}

/** The data set as an RDB file, with all that was acknowledged before. */
export async function serveSnapshotFile({ host, core }: Ports): Promise<Response> {
  const offset = host.event(() => core.log.committedEnd);
  for (let tries = 0; tries < 600; tries++) {
    const reader = host.event(() => openSnapshotFile(core, offset));
    if (reader === undefined) {
      // A checkpoint is being written, or an older snapshot is read or put away.
      await scheduler.wait(50);
      continue;
    }
    const end = (): void => host.event(() => closeSnapshotFile(core, reader));
    return stream(
      host,
      () => {
        const bytes = host.event(() => reader.next(snapshotChunkBytes(core)));
        return bytes === undefined ? "gone" : { bytes, isLast: reader.isAtEnd };
      },
      end,
      { "content-disposition": 'attachment; filename="dump.rdb"' },
    );
  }
  return new Response("an older snapshot is still being read; try again later\n", { status: 503 });
}

type Chunk = { readonly bytes: string; readonly isLast: boolean } | "gone";

/** A body that is made as it is read: a slow reader costs no memory. */
function stream(
  host: PlatformHost,
  next: () => Chunk,
  onEnd: () => void = () => undefined,
  headers: Record<string, string> = {},
): Response {
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const chunk = next();
        if (chunk === "gone") {
          controller.error(new Error("the snapshot is gone"));
          onEnd();
          return undefined;
        }
        controller.enqueue(fromBinary(chunk.bytes));
        if (!chunk.isLast) return host.breath.after(chunk.bytes.length);
        controller.close();
        onEnd();
        return undefined;
      },
      cancel: onEnd,
    },
    { highWaterMark: 1 },
  );
  return new Response(body, {
    headers: { "content-type": "application/octet-stream", ...headers },
  });
}
