/**
 * A checkpoint of many rows is written in slices, while commands run. So that a crash between two of them
 * leaves no base that is the state of no moment, the rows are put aside first (`Store.stage`), in chunks;
 * what makes them count is the checkpoint's own row, written with the last of them. From then on they are
 * moved to their places chunk by chunk, and a restart moves what is left. They are written absolutely, and
 * so twice does no harm.
 */
import { assert } from "../base/assert.ts";
import type { Change, Store } from "./store.ts";

/** Bytes at which a chunk ends before it has all its rows; one more row of a megabyte fits behind. */
export const CHUNK_BYTES = 250_000;

/** Changes of one space. */
export interface Batch {
  readonly space: number;
  readonly changes: readonly Change[];
}

/** Puts batches aside, in chunks of at most `rowsMax` rows that bear the number of their checkpoint. */
export function stage(
  store: Store,
  batches: Iterable<Batch>,
  { serial, rowsMax }: { readonly serial: number; readonly rowsMax: number },
): void {
  let texts: string[] = [];
  let byteCount = 0;
  const flush = (): void => {
    if (texts.length > 0) store.stage(`${serial}\n${texts.join("")}`);
    texts = [];
    byteCount = 0;
  };
  for (const { space, changes } of batches) {
    for (const change of changes) {
      const text = textOf(space, change);
      texts.push(text);
      byteCount += text.length;
      if (texts.length >= rowsMax || byteCount >= CHUNK_BYTES) flush();
    }
  }
  flush();
}

/** Moves the oldest chunk to its place, as one unit; false when there is none. */
export function moveStaged(store: Store): boolean {
  const chunk = store.firstStaged();
  if (chunk === undefined) return false;
  store.transaction(() => {
    for (const { space, changes } of batchesOf(chunk)) store.write(space, changes);
    store.unstage(1);
  });
  return true;
}

/** After a restart: moves all that belongs to the checkpoint of this number, or forgets what does not. */
export function settleStaged(store: Store, serial: number): void {
  const first = store.firstStaged();
  if (first === undefined) return;
  const isCommitted = Number(first.slice(0, first.indexOf("\n"))) === serial;
  if (!isCommitted) store.unstage(Number.POSITIVE_INFINITY);
  else while (moveStaged(store));
}

/** Numbers, and what they are the lengths of. */
function textOf(space: number, change: Change): string {
  if (change.kind === "head") {
    const { hash, name, type, expiresAtMs, pieces, value } = change.row;
    const head = `${space},${hash},${name.length},0,${type},${expiresAtMs},${pieces},${value.length}`;
    return `${head}\n${name}${value}`;
  }
  const { key, piece } = change;
  const place = `${space},${key.hash},${key.name.length},${piece}`;
  if (change.kind === "delete") return `${place}\n${key.name}`;
  return `${place},${change.value.length}\n${key.name}${change.value}`;
}

/** The changes of a chunk; those of one space that follow each other are one batch. */
function batchesOf(chunk: string): { space: number; changes: Change[] }[] {
  const batches: { space: number; changes: Change[] }[] = [];
  for (let at = chunk.indexOf("\n") + 1; at < chunk.length;) {
    const lineEnd = chunk.indexOf("\n", at);
    assert(lineEnd > 0, "a staged row has a head");
    const numbers = chunk.slice(at, lineEnd).split(",").map(Number);
    const [space, hash, nameLength, piece] = numbers as [number, number, number, number];
    at = lineEnd + 1;
    const name = chunk.slice(at, at + nameLength);
    at += nameLength;
    const valueLength = numbers.length > 4 ? numbers.at(-1)! : 0;
    const value = chunk.slice(at, at + valueLength);
    at += valueLength;
    let batch = batches.at(-1);
    if (batch?.space !== space) batches.push((batch = { space, changes: [] }));
    batch.changes.push(changeOf(numbers, { hash, name, piece, value }));
  }
  return batches;
}

function changeOf(
  numbers: readonly number[],
  row: { hash: number; name: string; piece: number; value: string },
): Change {
  const { hash, name, piece, value } = row;
  if (numbers.length === 4) return { kind: "delete", key: { hash, name }, piece };
  if (numbers.length === 5) return { kind: "piece", key: { hash, name }, piece, value };
  const [type, expiresAtMs, pieces] = numbers.slice(4) as [number, number, number];
  return { kind: "head", row: { hash, name, type, expiresAtMs, pieces, value } };
}
