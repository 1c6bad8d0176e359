// Reads RDB files piece by piece, and checks them whole before anybody relies on them.

import { createReadStream, statSync } from "node:fs";
import path from "node:path";

import { toBinary } from "../../../shared/base/bytes.ts";
import { AN_ELEMENT, canDecode, decodeValue } from "../../../shared/rdb/codec.ts";
import { type KeyRecord, RdbLoader, type RdbRecord } from "../../../shared/rdb/loader.ts";
import { moduleName } from "../../../shared/rdb/module-name.ts";
import { RdbError, RdbReader } from "../../../shared/rdb/reader.ts";
import { escape } from "../../../shared/engine/monitor.ts";
import { DEFAULT_LIMITS } from "../../../shared/types/limits.ts";
import { Progress } from "../progress.ts";

const CHUNK_BYTES = 1 << 20;
/** The type of a module's value. */
const MODULE = 7;

/** What a file holds, besides its keys. */
export interface RdbContents {
  readonly keys: number;
  /** Collections without elements, which are left out as Redis does. */
  readonly emptyKeys: number;
  readonly databases: readonly number[];
  /** Who wrote it, as in "7.0.15"; empty: it does not say. */
  readonly writtenBy: string;
  /** What is in it and will be left out, a sentence each. */
  readonly warnings: readonly string[];
}

/** All records, those of one piece of the file at a time. Throws an error that names file and byte. */
export async function* readRdb(
  file: string,
  progress: Progress,
): AsyncGenerator<readonly RdbRecord[]> {
  const loader = new RdbLoader();
  const name = path.basename(file);
  let rest = 0;
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES })) {
      progress.bytes += (chunk as Buffer).length;
      progress.show();
      if (loader.isEnded) {
        rest += (chunk as Buffer).length;
        continue;
      }
      loader.push(toBinary(chunk as Buffer));
      const records: RdbRecord[] = [];
      for (let record = loader.next(); record !== undefined; record = loader.next()) {
        records.push(record);
      }
      if (records.length > 0) yield records;
    }
  } catch (error) {
    if (error instanceof RdbError) throw damage(name, error.offset, error.expected);
    throw error;
  }
  if (!loader.isEnded) throw damage(name, statSync(file).size, "more bytes: the file was cut off");
  rest += loader.takeRest().length;
  if (rest > 0) {
    throw damage(
      name,
      loader.offset,
      `the end of the file, not ${rest} more bytes (is this an AOF?)`,
    );
  }
}

/** Reads a whole file, its values too. Throws an error that says which byte is wrong and how. */
export async function checkRdb(file: string, label = "checking "): Promise<RdbContents> {
  const name = path.basename(file);
  const progress = new Progress(label, statSync(file).size);
  const databases = new Set<number>();
  const warnings: string[] = [];
  const modules = new Set<string>();
  let [writtenBy, emptyKeys] = ["", 0];
  for await (const records of readRdb(file, progress)) {
    for (const record of records) {
      if (record.kind === "key") {
        databases.add(record.db);
        if (isSound(name, record)) progress.keys++;
        else emptyKeys++;
      } else if (record.kind === "module") modules.add(record.name);
      else if (record.kind === "aux" && /^(redis|valkey)-ver$/.test(record.name)) {
        writtenBy = record.value;
      } else if (record.kind === "end" && record.checksum === "absent") {
        warnings.push("it has no checksum: damage inside of texts would not be noticed");
      }
    }
  }
  progress.end();
  for (const module of modules)
    warnings.push(`what the module ${module} keeps beside the keys is left out`);
  if (emptyKeys > 0) warnings.push(`${emptyKeys} keys without any elements are left out`);
  return { keys: progress.keys, emptyKeys, databases: [...databases], writtenBy, warnings };
}

/** False: an empty collection, which Redis passes over as well. Throws where the value is none. */
export function isSound(file: string, record: KeyRecord): boolean {
  const { type, body, valueOffset } = record;
  const where = `of the key "${escape(record.name)}"`;
  if (type === MODULE) {
    const module = moduleName(new RdbReader(body).wideLength());
    throw damage(file, valueOffset, `a value we can keep, not the module ${module}'s (${where})`);
  }
  if (!canDecode(type)) {
    throw damage(file, valueOffset, `a value of a type we read, not ${type} (${where})`);
  }
  try {
    decodeValue(type, body, DEFAULT_LIMITS);
    return true;
  } catch (error) {
    if (!(error instanceof RdbError)) throw error;
    if (error.expected === AN_ELEMENT) return false;
    throw damage(file, valueOffset + error.offset, `${error.expected} (in the value ${where})`);
  }
}

function damage(name: string, offset: number, expected: string): Error {
  return new Error(`${name}: byte ${offset}: expected ${expected}`);
}
