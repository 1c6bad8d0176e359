/**
 * The store in memory: for tests, and for simulations that pull the plug. What happened since the last
 * `commit` can be undone step by step, so a crash costs what it loses and not a copy of the data.
 */
import { assert } from "../base/assert.ts";
import { ownerOf } from "./space.ts";
import {
  type Change,
  type Garbage,
  type KeyRef,
  type KeyRow,
  PINNED_BYTES_MAX,
  type Row,
  SHORT_VALUE_BYTES,
  type Store,
} from "./store.ts";

/** Rows of one space: the base's, or the overlay's, where a "delete" hides what the base has. */
interface Layer {
  readonly rows: Map<string, Change>;
  /** Heads in (hash, name) order, sorted again on demand after keys came or went. */
  order: KeyRef[] | undefined;
}

type Layers = Map<number, Layer>;

/** Bytes below `end` never change; a log that moves or shrinks gets a new array. */
interface LogState {
  readonly bytes: Uint8Array;
  /** The offset of the array's first byte. */
  readonly origin: number;
  readonly start: number;
  readonly end: number;
}

/** All that outlives a crash. */
interface State {
  readonly meta: Map<string, string>;
  log: LogState;
  readonly base: Layers;
  readonly overlay: Layers;
  staged: readonly string[];
  readonly chunks: Map<number, Uint8Array>;
  rowBytes: number;
}

const EMPTY = new Uint8Array(0);

/** What a row costs beyond its name and value; any constant would do. */
const ROW_BYTES = 20;

export class MemoryStore implements Store {
  #state: State | undefined;
  /** Undoes, last one first, all that is not committed. */
  #journal: (() => void)[] = [];
  #depth = 0;
  #isPinned = false;
  rowsWritten = 0;
  /** Look-ups so far: what would have been a query. */
  queryCount = 0;

  constructor(state?: State) {
    this.#state = state ?? {
      meta: new Map(),
      log: { bytes: EMPTY, origin: 0, start: 0, end: 0 },
      base: new Map(),
      overlay: new Map(),
      staged: [],
      chunks: new Map(),
      rowBytes: 0,
    };
  }

  /** Makes everything so far durable. */
  commit(): void {
    assert(this.#depth === 0, "commits outside of transactions");
    this.#journal = [];
  }

  /** The store as a node finds it that starts again after the last commit. This one is dead then. */
  crash(): MemoryStore {
    this.#undo(0);
    const state = this.#live;
    this.#state = undefined;
    return new MemoryStore(state);
  }

  transaction<T>(work: () => T): T {
    const mark = this.#journal.length;
    this.#depth++;
    try {
      return work();
    } catch (error) {
      this.#undo(mark);
      throw error;
    } finally {
      this.#depth--;
    }
  }

  meta(name: string): string | undefined {
    return this.#live.meta.get(name);
  }

  setMeta(name: string, value: string | undefined): void {
    const { meta } = this.#live;
    const before = meta.get(name);
    this.#journal.push(() => assign(meta, name, before));
    assign(meta, name, value);
    this.rowsWritten++;
  }

  get logStart(): number {
    return this.#live.log.start;
  }

  get logEnd(): number {
    return this.#live.log.end;
  }

  appendLog(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const { log } = this.#live;
    const end = log.end + bytes.length;
    let target = log;
    if (end - log.origin > log.bytes.length) {
      const grown = new Uint8Array(Math.max(256, 2 * (end - log.start)));
      grown.set(log.bytes.subarray(log.start - log.origin, log.end - log.origin));
      target = { ...log, bytes: grown, origin: log.start };
    }
    target.bytes.set(bytes, log.end - target.origin);
    this.#setLog({ ...target, end });
    this.rowsWritten++;
  }

  readLog(offset: number, countMax: number): Uint8Array {
    const { log } = this.#live;
    assert(log.start <= offset && offset <= log.end, "reads what the log holds");
    assert(countMax >= 1, "reads at least a byte");
    this.queryCount++;
    const from = offset - log.origin;
    return log.bytes.subarray(from, Math.min(from + countMax, log.end - log.origin));
  }

  trimLog(offset: number): void {
    const { log } = this.#live;
    assert(offset <= log.end, "trims what the log holds");
    if (offset > log.start) this.#setLog({ ...log, start: offset });
  }

  resetLog(offset: number): void {
    this.#setLog({ bytes: EMPTY, origin: offset, start: offset, end: offset });
    this.rowsWritten++;
  }

  load(space: number, keys: readonly KeyRef[]): (Row | undefined)[] {
    this.queryCount++;
    return keys.map((key) => {
      const change = this.#newest(space, idOf(key, 0));
      if (change?.kind !== "head") return undefined;
      return change.row.hash === key.hash ? change.row : undefined;
    });
  }

  loadShort(space: number, keys: readonly KeyRef[]): (Row | "long" | undefined)[] {
    const isLong = (row: Row | undefined): boolean => (row?.value.length ?? 0) > SHORT_VALUE_BYTES;
    return this.load(space, keys).map((row) => (isLong(row) ? "long" : row));
  }

  loadPieces(space: number, key: KeyRef, range: { from: number; to: number }): string[] {
    this.queryCount++;
    return piecesOf(key, range, (id) => this.#newest(space, id));
  }

  keys(space: number, hashFrom: number, countMax: number): KeyRow[] {
    assert(countMax >= 1, "asks for at least a key");
    this.queryCount++;
    const { base, overlay } = this.#live;
    const over = orderOf(overlay.get(space));
    const under = orderOf(base.get(space));
    const found: KeyRow[] = [];
    let i = indexOf(over, { hash: hashFrom, name: "" });
    let j = indexOf(under, { hash: hashFrom, name: "" });
    while (i < over.length || j < under.length) {
      const isOver = i < over.length && (j === under.length || compare(over[i]!, under[j]!) <= 0);
      const next = isOver ? over[i++]! : under[j]!;
      if (j < under.length && compare(under[j]!, next) === 0) j++;
      if (found.length >= countMax && found.at(-1)!.hash !== next.hash) break;
      const change = this.#newest(space, idOf(next, 0));
      if (change?.kind === "head") found.push(withoutValue(change.row));
    }
    return found;
  }

  write(space: number, changes: readonly Change[]): void {
    const { base, overlay } = this.#live;
    for (const change of changes) {
      const id = change.kind === "head" ? idOf(change.row, 0) : idOf(change.key, pieceOf(change));
      this.rowsWritten++;
      if (this.#isPinned) this.#set(overlay, space, id, change);
      else {
        this.#set(base, space, id, change.kind === "delete" ? undefined : change);
        // What an earlier pin left above would hide this newer row.
        if (overlay.get(space)?.rows.has(id) === true) this.#set(overlay, space, id, undefined);
      }
    }
  }

  stage(bytes: string): void {
    this.#setStaged([...this.#live.staged, bytes]);
    this.rowsWritten++;
  }

  firstStaged(): string | undefined {
    this.queryCount++;
    return this.#live.staged[0];
  }

  unstage(count: number): void {
    const { staged } = this.#live;
    this.#setStaged(staged.slice(count));
    this.rowsWritten += Math.min(count, staged.length);
  }

  putChunk(id: number, bytes: Uint8Array): void {
    assert(!this.#live.chunks.has(id), "the number of a chunk is free");
    this.#setChunk(id, bytes.slice());
  }

  chunk(id: number): Uint8Array {
    this.queryCount++;
    const bytes = this.#live.chunks.get(id);
    assert(bytes !== undefined, "a chunk is there");
    return bytes;
  }

  dropChunk(id: number): void {
    this.#setChunk(id, undefined);
  }

  dropChunks(below: number, countMax: number): boolean {
    const old = [...this.#live.chunks.keys()].filter((id) => id < below);
    for (const id of old.slice(0, countMax)) this.#setChunk(id, undefined);
    return old.length < countMax;
  }

  get chunkMax(): number {
    return Math.max(0, ...this.#live.chunks.keys());
  }

  pin(): void {
    assert(!this.#isPinned, "pins once");
    while (!this.merge(1000));
    this.#setPinned(true);
  }

  unpin(): void {
    assert(this.#isPinned, "unpins what is pinned");
    this.#setPinned(false);
  }

  get isPinned(): boolean {
    return this.#isPinned;
  }

  pinnedRows(
    space: number,
    after: KeyRef | undefined,
    countMax: number,
    bytesMax = PINNED_BYTES_MAX,
  ): Row[] {
    assert(this.#isPinned, "reads a pinned base");
    this.queryCount++;
    const layer = this.#live.base.get(space);
    const order = orderOf(layer);
    const rows: Row[] = [];
    let byteCount = 0;
    let at = after === undefined ? 0 : indexOf(order, after);
    if (after !== undefined && at < order.length && compare(order[at]!, after) === 0) at++;
    while (at < order.length && rows.length < countMax && byteCount < bytesMax) {
      const change = layer?.rows.get(idOf(order[at++]!, 0));
      assert(change?.kind === "head", "the order lists heads");
      rows.push(change.row);
      byteCount += change.row.value.length;
    }
    return rows;
  }

  pinnedPieces(space: number, key: KeyRef, range: { from: number; to: number }): string[] {
    assert(this.#isPinned, "reads a pinned base");
    this.queryCount++;
    return piecesOf(key, range, (id) => this.#live.base.get(space)?.rows.get(id));
  }

  merge(rowsMax: number): boolean {
    assert(!this.#isPinned, "merges into a base that is not pinned");
    const { base, overlay } = this.#live;
    let left = rowsMax;
    for (const [space, layer] of overlay) {
      for (const [id, change] of layer.rows) {
        if (left-- <= 0) return false;
        this.#set(base, space, id, change.kind === "delete" ? undefined : change);
        this.#set(overlay, space, id, undefined);
        this.rowsWritten += 2;
      }
    }
    return true;
  }

  collect(garbage: Garbage, rowsMax: number): boolean {
    assert(!this.#isPinned, "collects while nothing is pinned");
    const dead = new Set(garbage.dead);
    let left = rowsMax;
    for (const layers of [this.#live.overlay, this.#live.base]) {
      for (const [space, layer] of layers) {
        const isChild = garbage.live.has(ownerOf(space));
        if (garbage.live.has(space) || (isChild && !dead.has(space))) continue;
        for (const id of layer.rows.keys()) {
          if (left-- <= 0) return false;
          this.#set(layers, space, id, undefined);
          this.rowsWritten++;
        }
      }
    }
    return true;
  }

  get spaceMax(): number {
    let max = 0;
    for (const layers of [this.#live.base, this.#live.overlay]) {
      for (const [space, layer] of layers) if (layer.rows.size > 0) max = Math.max(max, space);
    }
    return max;
  }

  get byteCount(): number {
    const { log, rowBytes } = this.#live;
    return rowBytes + log.end - log.start;
  }

  get #live(): State {
    assert(this.#state !== undefined, "this store has crashed");
    return this.#state;
  }

  #undo(mark: number): void {
    while (this.#journal.length > mark) this.#journal.pop()!();
  }

  #newest(space: number, id: string): Change | undefined {
    const { base, overlay } = this.#live;
    return overlay.get(space)?.rows.get(id) ?? base.get(space)?.rows.get(id);
  }

  #setLog(log: LogState): void {
    const state = this.#live;
    const before = state.log;
    this.#journal.push(() => {
      state.log = before;
    });
    state.log = log;
  }

  #setStaged(staged: readonly string[]): void {
    const state = this.#live;
    const before = state.staged;
    this.#journal.push(() => {
      state.staged = before;
    });
    state.staged = staged;
  }

  #setChunk(id: number, bytes: Uint8Array | undefined): void {
    const { chunks } = this.#live;
    const before = chunks.get(id);
    this.#journal.push(() => assign(chunks, id, before));
    assign(chunks, id, bytes);
    this.rowsWritten++;
  }

  #setPinned(isPinned: boolean): void {
    const before = this.#isPinned;
    this.#journal.push(() => {
      this.#isPinned = before;
    });
    this.#isPinned = isPinned;
  }

  #set(layers: Layers, space: number, id: string, change: Change | undefined): void {
    const state = this.#live;
    let layer = layers.get(space);
    if (layer === undefined) {
      if (change === undefined) return;
      layer = { rows: new Map(), order: undefined };
      layers.set(space, layer);
    }
    const { rows } = layer;
    const place = layer;
    const before = rows.get(id);
    const put = (was: Change | undefined, now: Change | undefined): void => {
      if ((was === undefined) !== (now === undefined)) place.order = undefined;
      state.rowBytes += bytesOf(now) - bytesOf(was);
      assign(rows, id, now);
    };
    this.#journal.push(() => put(change, before));
    put(before, change);
  }
}

/**
 * Names a row within its layer. The numbers come first, so that no key name can imitate them; parts of
 * values have no names, and differ in what stands in place of the hash.
 */
function idOf(key: KeyRef, piece: number): string {
  return `${piece}:${key.hash}:${key.name}`;
}

function pieceOf(change: Change): number {
  return change.kind === "head" ? 0 : change.piece;
}

function bytesOf(change: Change | undefined): number {
  if (change === undefined) return 0;
  if (change.kind === "head") return ROW_BYTES + change.row.name.length + change.row.value.length;
  const valueBytes = change.kind === "piece" ? change.value.length : 0;
  return ROW_BYTES + change.key.name.length + valueBytes;
}

function assign<K, V>(map: Map<K, V>, name: K, value: V | undefined): void {
  if (value === undefined) map.delete(name);
  else map.set(name, value);
}

function piecesOf(
  key: KeyRef,
  range: { from: number; to: number },
  find: (id: string) => Change | undefined,
): string[] {
  const pieces: string[] = [];
  for (let piece = range.from; piece < range.to; piece++) {
    const change = find(idOf(key, piece));
    assert(change !== undefined && change.kind !== "delete", "a value has all its pieces");
    pieces.push(change.kind === "head" ? change.row.value : change.value);
  }
  return pieces;
}

function withoutValue({ hash, name, type, expiresAtMs, pieces }: Row): KeyRow {
  return { hash, name, type, expiresAtMs, pieces };
}

function compare(a: KeyRef, b: KeyRef): number {
  if (a.hash !== b.hash) return a.hash - b.hash;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function orderOf(layer: Layer | undefined): KeyRef[] {
  if (layer === undefined) return [];
  if (layer.order === undefined) {
    layer.order = [];
    for (const change of layer.rows.values()) {
      if (change.kind === "head") layer.order.push(change.row);
      else if (change.kind === "delete" && change.piece === 0) layer.order.push(change.key);
    }
    layer.order.sort(compare);
  }
  return layer.order;
}

/** The first place in an order that is not before `key`. */
function indexOf(order: readonly KeyRef[], key: KeyRef): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(order[middle]!, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
