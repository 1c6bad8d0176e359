/** Consumer groups: how far a group has read, and what its consumers have not acknowledged yet. */
import { detach } from "../base/bytes.ts";
import { littleEndian64 } from "../base/rdb-primitives.ts";
import { encodeWide, FIRST_ID, type StreamId } from "./stream-id.ts";
import { StreamIds } from "./stream-ids.ts";
import { LISTS_PER_GROUP, type RunParts } from "./stream-parts.ts";

/** A group's objects and a consumer's in memory, and an entry's that is pending (measured, rounded). */
const GROUP_BYTES = 600;
const CONSUMER_BYTES = 300;
const PENDING_BYTES = 150;

/** It is not known how many entries a group has read. */
export const READ_UNKNOWN = -1n;

export interface Consumer {
  readonly name: string;
  /** When it was last heard of, Unix ms. */
  seenAtMs: number;
  readonly pending: StreamIds;
  /** Its place among the lists of the group that are parts (stream-parts.ts), from 1 on; 0: none. */
  slot: number;
}

/** How often an entry was delivered, and when it was last: Unix ms, and an int64. */
export interface Delivery {
  deliveredAtMs: number;
  deliveryCount: number | bigint;
}

/** An entry that was delivered and not acknowledged. Changed by way of the group. */
export interface Pending extends Readonly<Delivery> {
  readonly consumer: Consumer;
}

export interface GroupFacts {
  readonly name: string;
  readonly lastId: StreamId;
  readonly entriesRead: bigint;
}

/** What the groups of a stream share. */
export interface GroupHome {
  /** Rough bytes of all of them. */
  bytes: number;
  readonly runs: RunParts;
  /** A place among the groups with lists that are parts; undefined where there are too many. */
  takeSlot(): number | undefined;
}

export class ConsumerGroup {
  readonly name: string;
  /** The last entry that was delivered as a new one. */
  lastId: StreamId;
  /** How many entries there were up to `lastId` when it was read: an int64, or READ_UNKNOWN. */
  entriesRead: bigint;
  readonly #consumers = new Map<string, Consumer>();
  readonly #pending = new Map<StreamId, { consumer: Consumer } & Delivery>();
  /** The IDs of all that is pending. */
  readonly pendingIds: StreamIds;
  readonly #home: GroupHome;
  /** Its place in `home`, once one of its lists is large. */
  slot: number | undefined;
  /** Rough bytes of memory. */
  byteCount = 0;

  constructor({ name, lastId, entriesRead }: GroupFacts, home: GroupHome) {
    this.name = detach(name);
    this.lastId = lastId;
    this.entriesRead = entriesRead;
    this.#home = home;
    this.pendingIds = new StreamIds((id) => id + encodeDelivery(this.#pending.get(id)!));
    this.#took(GROUP_BYTES + name.length);
  }

  get consumers(): ReadonlyMap<string, Consumer> {
    return this.#consumers;
  }

  pendingAt(id: StreamId): Pending | undefined {
    return this.#pending.get(id);
  }

  /** Makes a consumer that is not there. */
  addConsumer(name: string, seenAtMs: number): Consumer {
    const consumer = { name: detach(name), seenAtMs, pending: new StreamIds(itself), slot: 0 };
    this.#consumers.set(consumer.name, consumer);
    this.#took(CONSUMER_BYTES + name.length);
    return consumer;
  }

  /** Removes a consumer and all that it has pending; returns how much that was. */
  removeConsumer(consumer: Consumer): number {
    for (const id of consumer.pending.from(FIRST_ID)) {
      this.#pending.delete(id);
      this.pendingIds.delete(id);
    }
    const count = consumer.pending.size;
    consumer.pending.clear();
    this.#consumers.delete(consumer.name);
    this.#took(-(CONSUMER_BYTES + consumer.name.length + count * PENDING_BYTES));
    return count;
  }

  /** Makes an entry pending that is not. */
  addPending(id: StreamId, consumer: Consumer, delivery: Readonly<Delivery>): void {
    const { deliveredAtMs, deliveryCount } = delivery;
    this.#pending.set(id, { consumer, deliveredAtMs, deliveryCount });
    this.pendingIds.add(id);
    consumer.pending.add(id);
    this.#took(PENDING_BYTES);
    this.spreadLarge(undefined);
    this.spreadLarge(consumer);
  }

  /** Gives what is pending to a consumer, if it is not its own already, and notes a delivery. */
  deliver(id: StreamId, consumer: Consumer, delivery: Readonly<Delivery>): void {
    const pending = this.#pending.get(id)!;
    pending.deliveredAtMs = delivery.deliveredAtMs;
    pending.deliveryCount = delivery.deliveryCount;
    this.pendingIds.touch(id);
    if (pending.consumer === consumer) return;
    pending.consumer.pending.delete(id);
    consumer.pending.add(id);
    pending.consumer = consumer;
    this.spreadLarge(consumer);
  }

  /** Removes what is pending; false when nothing was. */
  removePending(id: StreamId): boolean {
    const pending = this.#pending.get(id);
    if (pending === undefined) return false;
    this.#pending.delete(id);
    this.pendingIds.delete(id);
    pending.consumer.pending.delete(id);
    this.#took(-PENDING_BYTES);
    return true;
  }

  /** Removes all consumers and what they have pending. */
  clear(): void {
    for (const { pending } of this.#consumers.values()) pending.clear();
    this.pendingIds.clear();
    this.#pending.clear();
    this.#consumers.clear();
    this.#took(-this.byteCount);
  }

  /** Gives all consumers, and what they have pending, to a group that has none. */
  copyTo(copy: ConsumerGroup): void {
    for (const { name, seenAtMs } of this.#consumers.values()) copy.addConsumer(name, seenAtMs);
    for (const id of this.pendingIds.from(FIRST_ID)) {
      const pending = this.#pending.get(id)!;
      copy.addPending(id, copy.consumers.get(pending.consumer.name)!, pending);
    }
  }

  // -- loading: what is pending comes list by list, in any order --------------------------------------

  /** How an entry was delivered; by whom it is pending is said elsewhere. */
  loadDelivery(id: StreamId, delivery: Readonly<Delivery>): void {
    const pending = this.#loading(id);
    pending.deliveredAtMs = delivery.deliveredAtMs;
    pending.deliveryCount = delivery.deliveryCount;
  }

  /** False where it was said already. */
  loadOwner(id: StreamId, consumer: Consumer): boolean {
    const pending = this.#loading(id);
    if (pending.consumer !== NOBODY) return false;
    pending.consumer = consumer;
    return true;
  }

  /** What the group has pending and what its consumers have is the same. */
  get isComplete(): boolean {
    let count = 0;
    for (const { pending } of this.#consumers.values()) count += pending.size;
    return count === this.pendingIds.size && count === this.#pending.size;
  }

  #loading(id: StreamId): { consumer: Consumer } & Delivery {
    let pending = this.#pending.get(id);
    if (pending === undefined) {
      pending = { consumer: NOBODY, deliveredAtMs: 0, deliveryCount: 0 };
      this.#pending.set(id, pending);
      this.#took(PENDING_BYTES);
    }
    return pending;
  }

  // -- lists as parts ------------------------------------------------------------------------------

  /** The list of a consumer, or the group's own, becomes parts if it is long enough. */
  spreadLarge(consumer: Consumer | undefined): void {
    const ids = consumer?.pending ?? this.pendingIds;
    if (!ids.isLarge) return;
    this.slot ??= this.#home.takeSlot();
    if (consumer?.slot === 0) consumer.slot = this.#freeSlot();
    if (this.slot === undefined || consumer?.slot === 0) return;
    const list = this.slot * LISTS_PER_GROUP + (consumer?.slot ?? 0);
    ids.spread({ parts: this.#home.runs, list });
  }

  /** Consumers in the order of their lists; those without parts are last. */
  consumersInOrder(): Consumer[] {
    const placeOf = ({ slot }: Consumer): number => (slot === 0 ? LISTS_PER_GROUP : slot);
    return [...this.#consumers.values()].sort((a, b) => placeOf(a) - placeOf(b));
  }

  /** A place for another consumer; 0 where there are too many. */
  #freeSlot(): number {
    if (this.#consumers.size >= LISTS_PER_GROUP) return 0;
    return firstFree([0, ...Array.from(this.#consumers.values(), ({ slot }) => slot)]);
  }

  #took(bytes: number): void {
    this.byteCount += bytes;
    this.#home.bytes += bytes;
  }
}

/** Stands in for who has an entry pending until it is known. */
const NOBODY: Consumer = { name: "", seenAtMs: 0, pending: new StreamIds(itself), slot: 0 };

/** What RDB has of an ID in a consumer's list. */
function itself(id: StreamId): string {
  return id;
}

/** What RDB has behind an ID in a group's list. */
function encodeDelivery({ deliveredAtMs, deliveryCount }: Readonly<Delivery>): string {
  return littleEndian64(deliveredAtMs) + encodeWide(deliveryCount);
}

/** The lowest number from 0 on that is not among these. */
export function firstFree(taken: Iterable<number | undefined>): number {
  const all = new Set(taken);
  let free = 0;
  while (all.has(free)) free++;
  return free;
}

/** In the order of their names, as Redis lists groups and consumers. */
export function byName<T extends { readonly name: string }>(items: Iterable<T>): T[] {
  return [...items].sort((a, b) => (a.name < b.name ? -1 : 1));
}
