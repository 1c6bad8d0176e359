/**
 * Hashes: fields with values, each of which may expire by itself. What has expired is an element like any
 * other here; the commands hide it, and a master deletes it.
 */
import { detach } from "../base/bytes.ts";
import type { Random } from "../base/random.ts";
import { encodeString, littleEndian64 } from "../base/rdb-primitives.ts";
import { FieldExpiries } from "./hash-expiries.ts";
import type { Limits } from "./limits.ts";
import { type ElementKind, PartMap } from "./part-map.ts";
import type { Parts } from "./parts.ts";
import type { DigestSink, ValueObject } from "./value.ts";

/** The value of a field that expires. */
export class ExpiringValue {
  readonly value: string;
  /** Unix ms. */
  readonly expiresAtMs: number;

  constructor(value: string, expiresAtMs: number) {
    this.value = value;
    this.expiresAtMs = expiresAtMs;
  }
}

/** Most fields never expire; they cost no object. */
export type FieldValue = string | ExpiringValue;

export function textOf(value: FieldValue): string {
  return typeof value === "string" ? value : value.value;
}

/** 0: never. */
export function expiryOf(value: FieldValue): number {
  return typeof value === "string" ? 0 : value.expiresAtMs;
}

/**
 * In front of a field that expires, with eight bytes of Unix ms behind it. No string of RDB begins so: a
 * part tells its fields apart, and only its own when one of them gets a time.
 */
export const EXPIRY_MARK = "\xfc";
/** What an ExpiringValue and its time take in memory, beside the value. */
const EXPIRING_BYTES = 60;

const FIELD_KIND: ElementKind<FieldValue> = {
  encode(field, value) {
    const pair = encodeString(field) + encodeString(textOf(value));
    if (typeof value === "string") return pair;
    return EXPIRY_MARK + littleEndian64(value.expiresAtMs) + pair;
  },
  bytes: (value) => {
    return typeof value === "string" ? value.length : value.value.length + EXPIRING_BYTES;
  },
};

export class HashValue implements ValueObject {
  readonly type = "hash";
  readonly #fields: PartMap<FieldValue>;
  /** There are none where no field expires. */
  #expiries: FieldExpiries | undefined;

  /** `isCompact`: fields keep their order, as long as they are few and short. */
  constructor({
    isCompact = true,
    fields = new PartMap(FIELD_KIND, { isOrdered: isCompact }),
  } = {}) {
    this.#fields = fields;
  }

  get encoding(): string {
    if (!this.isCompact) return "hashtable";
    return this.#expiries === undefined ? "listpack" : "listpackex";
  }

  get isCompact(): boolean {
    return this.#fields.isOrdered;
  }

  /** Expired fields count until they are deleted. */
  get size(): number {
    return this.#fields.size;
  }

  get byteCount(): number {
    return this.#fields.byteCount;
  }

  get parts(): Parts {
    return this.#fields.parts;
  }

  /** No field expires before this (Unix ms); 0: none does at all. */
  get elementsExpireAtMs(): number {
    return this.#expiries?.soonestMs ?? 0;
  }

  get(field: string): FieldValue | undefined {
    return this.#fields.get(field);
  }

  /** Leaves the compact encoding for good. */
  #expand(): void {
    this.#fields.loosen();
  }

  /** Leaves the compact encoding where a text is too long for it, as Redis does. */
  #expandFor(text: string, limits: Readonly<Limits>): void {
    if (text.length > limits.hashValue) this.#expand();
  }

  /**
   * Sets a field, new or not, to a value and an expiry (0: it never expires); true when it is new. Both
   * strings may be slices of a message: they are detached here.
   */
  set(
    field: string,
    value: string,
    { limits, expiresAtMs = 0 }: { limits: Readonly<Limits>; expiresAtMs?: number },
  ): boolean {
    if (this.isCompact) {
      this.#expandFor(field, limits);
      this.#expandFor(value, limits);
    }
    const before = this.#replace(field, newValue(detach(value), expiresAtMs));
    if (before === undefined && this.isCompact && this.size > limits.hashEntries) this.#expand();
    return before === undefined;
  }

  /** Gives a field that is there an expiry, or (0) takes it away. */
  setExpiry(field: string, expiresAtMs: number): void {
    const before = this.#fields.get(field);
    if (before === undefined || expiryOf(before) === expiresAtMs) return;
    this.#replace(field, newValue(textOf(before), expiresAtMs));
  }

  delete(field: string): boolean {
    const before = this.#fields.delete(field);
    if (before === undefined) return false;
    if (typeof before !== "string") this.#forget();
    return true;
  }

  /** Deletes up to so many of the fields that have expired, the first first, and returns their names. */
  deleteExpired(nowMs: number, countMax: number): string[] {
    const found: string[] = [];
    while (found.length < countMax) {
      const due = this.#expiries?.takeDue(nowMs);
      if (due === undefined) break;
      const value = this.#fields.get(due.field);
      // It may have been set, or given another time, since it was listed.
      if (value === undefined || expiryOf(value) !== due.expiresAtMs) continue;
      this.delete(due.field);
      found.push(due.field);
    }
    return found;
  }

  /** Visits all fields; nothing may change meanwhile. */
  forEach(visit: (value: FieldValue, field: string) => void): void {
    this.#fields.forEach(visit);
  }

  /** Like PartMap.scan. */
  scan(cursor: number, countMax: number): { found: [string, FieldValue][]; next: number } {
    return this.#fields.scan(cursor, countMax);
  }

  /** Any field, each as likely as the others; there must be one. */
  random(random: Random): [string, FieldValue] {
    return this.#fields.random(random);
  }

  clone(): HashValue {
    const copy = new HashValue({ fields: this.#fields.clone() });
    copy.#expiries = this.#expiries?.clone();
    return copy;
  }

  digest(sink: DigestSink): void {
    this.#fields.forEach((value, field) => {
      if (typeof value === "string") sink.element(field, value);
      else sink.element(field, value.value, "!!hexpire!!");
    });
  }

  /** Takes a part as it was stored (PartMap.admit). */
  admit(number: number, elements: readonly (readonly [string, FieldValue])[]): void {
    this.#fields.admit(number, elements);
    for (const [field, value] of elements) {
      if (typeof value !== "string") this.#expire(field, value.expiresAtMs);
    }
  }

  #replace(field: string, after: FieldValue): FieldValue | undefined {
    const before = this.#fields.replace(field, after);
    const oldMs = before === undefined ? 0 : expiryOf(before);
    const newMs = expiryOf(after);
    if (oldMs === newMs) return before;
    if (newMs !== 0) this.#expire(field, newMs);
    if (oldMs !== 0) this.#forget();
    return before;
  }

  #expire(field: string, expiresAtMs: number): void {
    this.#expiries ??= new FieldExpiries();
    this.#expiries.add(detach(field), expiresAtMs);
  }

  /** One field fewer expires, or it does so at another time, which is listed already. */
  #forget(): void {
    this.#expiries!.count--;
    if (this.#expiries!.count === 0) this.#expiries = undefined;
    else this.#expiries!.tidy((field) => this.#expiryOf(field));
  }

  #expiryOf(field: string): number {
    const value = this.#fields.get(field);
    return value === undefined ? 0 : expiryOf(value);
  }
}

function newValue(value: string, expiresAtMs: number): FieldValue {
  return expiresAtMs === 0 ? value : new ExpiringValue(value, expiresAtMs);
}
