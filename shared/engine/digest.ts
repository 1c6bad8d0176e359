/**
 * A fingerprint of a data set, the one of Redis's DEBUG DIGEST: two servers with equal data sets agree on
 * it, whatever order their keys stand in (reference: redis/src/debug.c).
 */
import { hex } from "../base/bytes.ts";
import { sha1 } from "../base/sha1.ts";
import { type TypeName, typeOf, type Value, type ValueObject } from "../types/value.ts";
import type { Engine } from "./engine.ts";
import { DATABASE_COUNT } from "./keyspace.ts";

/** What `o->type` is in Redis, as it is mixed in. */
const TYPE_DIGESTS: Readonly<Record<TypeName, string>> = {
  string: sha1(bigEndian32(0)),
  list: sha1(bigEndian32(1)),
  set: sha1(bigEndian32(2)),
  zset: sha1(bigEndian32(3)),
  hash: sha1(bigEndian32(4)),
  stream: sha1(bigEndian32(6)),
};
const EXPIRES = sha1("!!expire!!");

const EMPTY = "\0".repeat(20);
/** Keys made resident between two looks at the memory they take. */
const CHUNK_KEYS = 1000;

/** DEBUG DIGEST: 40 hex digits over all databases. What has expired and is not deleted yet counts. */
export function datasetDigest(engine: Engine): string {
  let digest = EMPTY;
  for (let db = 0; db < DATABASE_COUNT; db++) {
    if (engine.keyspace.space(db).keyCount === 0) continue;
    digest = mix(digest, bigEndian32(db));
    digest = xor(digest, databaseDigest(engine, db));
  }
  return hex(digest);
}

/** The digests of a database's keys over one another. Keys are loaded and let go piece by piece. */
function databaseDigest(engine: Engine, db: number): string {
  const { keyspace } = engine;
  const space = keyspace.space(db);
  let digest = EMPTY;
  let from = 0;
  do {
    const { keys, next } = keyspace.walk(space, from, CHUNK_KEYS);
    for (const { name } of keys) {
      const entry = keyspace.find(space, name);
      if (entry?.value === undefined) continue;
      keyspace.loaded(entry);
      const hasExpiry = entry.expiresAtMs !== 0;
      digest = xor(digest, sha1(mixValue(mix(EMPTY, name), entry.value, { hasExpiry })));
    }
    keyspace.shrink(engine.config.number("cache-bytes"));
    from = next;
  } while (from !== 0);
  return digest;
}

/** DEBUG DIGEST-VALUE: 40 hex digits of what a key holds, its name aside; zeros for no key. */
export function valueDigest(entry: DigestedEntry | undefined): string {
  if (entry?.value === undefined) return hex(EMPTY);
  return hex(mixValue(EMPTY, entry.value, { hasExpiry: entry.expiresAtMs !== 0 }));
}

export interface DigestedEntry {
  readonly value: Value | undefined;
  readonly expiresAtMs: number;
}

/** Whether a key expires counts, but not when: clocks differ. */
function mixValue(
  digest: string,
  value: Value,
  { hasExpiry }: { readonly hasExpiry: boolean },
): string {
  const typed = sha1(xor(digest, TYPE_DIGESTS[typeOf(value)]));
  const mixed = typeof value === "string" ? mix(typed, value) : mixElements(typed, value);
  return hasExpiry ? xor(mixed, EXPIRES) : mixed;
}

function mixElements(start: string, value: ValueObject): string {
  let digest = start;
  value.digest({
    inOrder: (...texts) => {
      for (const text of texts) digest = mix(digest, text);
    },
    element: (...texts) => {
      // A set's member as it is, a field with its value mixed to one text first: Redis's own rule.
      digest = xor(digest, sha1(texts.length === 1 ? texts[0]! : texts.reduce(mix, EMPTY)));
    },
  });
  return digest;
}

/** The order of what is mixed counts. */
function mix(digest: string, bytes: string): string {
  return sha1(xor(digest, sha1(bytes)));
}

/** The order of what is xored does not. */
function xor(a: string, b: string): string {
  const bytes: number[] = [];
  for (let i = 0; i < a.length; i++) bytes.push(a.charCodeAt(i) ^ b.charCodeAt(i));
  // In one piece: added up byte by byte, it would be a tree of twenty strings.
  return String.fromCharCode(...bytes);
}

function bigEndian32(value: number): string {
  return String.fromCharCode(0, 0, 0, value);
}
