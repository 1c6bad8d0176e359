// What commands are propagated as. The engine must do as each row says, and redis-server does.

import type { Effect } from "../../shared/engine/context.ts";
import { escape } from "../../shared/engine/monitor.ts";
import { splitArguments } from "../../shared/resp/split-arguments.ts";
import type { Unit } from "../support/redis-stream.ts";

export interface EffectCase {
  readonly rule: string;
  /** Commands before, whose effects do not matter. */
  readonly given: readonly (readonly string[])[];
  readonly when: readonly (readonly string[])[];
  /**
   * One line a unit: the effects of a transaction stand on one line, with semicolons between. `+100000`
   * is the moment so many ms from now on; `[1]` stands before the effects in another database.
   */
  readonly stream: readonly string[];
  readonly isAnyOrder: boolean;
}

export function row(
  rule: string,
  given: string,
  when: string,
  stream: string,
  { isAnyOrder = false } = {},
): EffectCase {
  return {
    rule,
    given: commands(given),
    when: commands(when),
    stream: parts(stream, " | "),
    isAnyOrder,
  };
}

function commands(text: string): string[][] {
  return parts(text, "; ").map((line) => splitArguments(line) ?? []);
}

function parts(text: string, separator: string): string[] {
  return text === "" ? [] : text.split(separator);
}

const HELLO = '"\\x00\\x05hello\\t\\x00\\xb3\\x80\\x8e\\xba1\\xb2C\\xbb"';

export const EFFECT_CASES: readonly EffectCase[] = [
  row("SET goes out as it came", "", "SET k v", "SET k v"),
  row("SET keeps its spelling", "", "set k v nx", "set k v nx"),
  row("SET with an expiry goes out with the moment", "", "SET k v EX 100", "SET k v PXAT +100000"),
  row("SET PX goes out with the moment", "", "SET k v PX 100000 NX", "SET k v PXAT +100000"),
  row(
    "SET EXAT goes out in milliseconds",
    "",
    "SET k v EXAT 33177117420 GET",
    "SET k v PXAT 33177117420000",
  ),
  row(
    "SET PXAT goes out without the rest",
    "",
    "set k v pxat 33177117420123; set l v pxat 33177117420123 nx get",
    "SET k v PXAT 33177117420123 | SET l v PXAT 33177117420123",
  ),
  row("SET in the past goes out all the same", "", "SET k v EXAT 1", "SET k v PXAT 1000"),
  row(
    "SET GET goes out without it",
    "",
    "SET k v XX GET; SET k v NX GET; SET k w get GET",
    "SET k v NX | SET k w",
  ),
  row(
    "SET KEEPTTL GET goes out without GET",
    "SET k v",
    "SET k w GET KEEPTTL XX",
    "SET k w KEEPTTL XX",
  ),
  row(
    "SET NX on a key that is there goes out as nothing",
    "SET k v",
    "SET k w NX; SET k w NX GET; SET n w XX",
    "",
  ),
  row("SET of the same value goes out", "SET k v", "SET k v", "SET k v"),
  row("SETNX goes out where it sets", "", "SETNX k v; SETNX k w", "SETNX k v"),
  row("SETEX goes out as SET", "", "setex k 100 v", "SET k v PXAT +100000"),
  row("PSETEX goes out as SET", "", "PSETEX k 100000 v", "SET k v PXAT +100000"),
  row("GETSET goes out as SET", "SET k v", "getset k w; GETSET n w", "SET k w | SET n w"),
  row("GETDEL goes out as DEL", "SET k v", "GETDEL k; GETDEL k", "DEL k"),
  row(
    "GETEX with an expiry goes out as PEXPIREAT",
    "SET k v",
    "GETEX k EX 100; GETEX k PX 200000; GETEX k EXAT 33177117420; GETEX k PXAT 33177117420123",
    "PEXPIREAT k +100000 | PEXPIREAT k +200000 | PEXPIREAT k 33177117420000 | PEXPIREAT k 33177117420123",
  ),
  row(
    "GETEX PERSIST goes out as PERSIST where there was an expiry",
    "SET k v EX 100",
    "GETEX k PERSIST; GETEX k PERSIST",
    "PERSIST k",
  ),
  row(
    "GETEX in the past goes out as DEL",
    "SET k v; SET l v",
    "GETEX k EXAT 1; GETEX l PXAT 1",
    "DEL k | DEL l",
  ),
  row("GETEX without options goes out as nothing", "SET k v EX 100", "GETEX k", ""),
  row("MSET goes out as it came", "", "MSET a 1 b 2", "MSET a 1 b 2"),
  row("MSETNX goes out where it sets", "", "MSETNX a 1 b 2; MSETNX b 1 c 2", "MSETNX a 1 b 2"),
  row(
    "APPEND goes out as it came, empty or not",
    "",
    'APPEND k v; APPEND k ""',
    'APPEND k v | APPEND k ""',
  ),
  row("SETRANGE goes out where it writes", "", 'SETRANGE k 3 x; SETRANGE k 0 ""', "SETRANGE k 3 x"),
  row(
    "INCR and its kin go out as they came",
    "",
    "INCR n; INCRBY n 5; DECR n; DECRBY n 3; INCRBY n 0",
    "INCR n | INCRBY n 5 | DECR n | DECRBY n 3 | INCRBY n 0",
  ),
  row(
    "INCRBYFLOAT goes out as its result",
    "",
    "INCRBYFLOAT n 1.5; INCRBYFLOAT n 0",
    "SET n 1.5 KEEPTTL | SET n 1.5 KEEPTTL",
  ),
  row(
    "What fails goes out as nothing",
    "SET k v",
    "INCR k; INCRBYFLOAT k 1; SETRANGE k -1 x; SET k v EX 0",
    "",
  ),
  row(
    "DEL and UNLINK go out as they came, where something was there",
    "MSET a 1 b 2",
    "DEL a nothing; DEL nothing; UNLINK b nothing; UNLINK nothing",
    "DEL a nothing | UNLINK b nothing",
  ),
  row(
    "EXPIRE and its kin go out as PEXPIREAT",
    "MSET a 1 b 2 c 3",
    "EXPIRE a 100; PEXPIRE b 200000; EXPIREAT c 33177117420; pexpireat c 33177117420123; expire nothing 100",
    "PEXPIREAT a +100000 | PEXPIREAT b +200000 | PEXPIREAT c 33177117420000 | pexpireat c 33177117420123",
  ),
  row(
    "EXPIRE keeps its options",
    "SET a 1",
    "EXPIRE a 100 NX; EXPIRE a 200 nx; expire a 200 xx GT",
    "PEXPIREAT a +100000 NX | PEXPIREAT a +200000 xx GT",
  ),
  row(
    "EXPIRE in the past goes out as DEL",
    "MSET a 1 b 2 c 3 d 4",
    "EXPIRE a 0; PEXPIRE b -1; EXPIREAT c 1; PEXPIREAT d 1 NX",
    "DEL a | DEL b | DEL c | DEL d",
  ),
  row(
    "PERSIST goes out where there was an expiry",
    "SET a 1 EX 100",
    "PERSIST a; PERSIST a",
    "PERSIST a",
  ),
  row(
    "RENAME goes out as it came, to the same name as nothing",
    "SET a 1",
    "RENAME a b; RENAME b b",
    "RENAME a b",
  ),
  row(
    "RENAMENX goes out where it renames",
    "MSET a 1 b 2",
    "RENAMENX a b; RENAMENX a c",
    "RENAMENX a c",
  ),
  row(
    "COPY goes out as it came where it copies",
    "SET a 1",
    "COPY a b; COPY a b; COPY a b REPLACE; COPY a a DB 1",
    "COPY a b | COPY a b REPLACE | COPY a a DB 1",
  ),
  row("MOVE goes out as it came where it moves", "SET a 1", "MOVE a 1; MOVE a 1", "MOVE a 1"),
  row(
    "A command goes out in its database",
    "SET a 1",
    "SELECT 1; SET a 2; SELECT 0; SET a 3",
    "[1] SET a 2 | SET a 3",
  ),
  row(
    "SWAPDB goes out as it came",
    "",
    "SWAPDB 0 1; SELECT 3; SWAPDB 1 1",
    "SWAPDB 0 1 | [3] SWAPDB 1 1",
  ),
  row(
    "FLUSHDB and FLUSHALL go out even where nothing was",
    "FLUSHALL",
    "FLUSHDB; flushdb async; FLUSHALL; FLUSHALL SYNC; SELECT 2; FLUSHDB",
    "FLUSHDB | flushdb async | FLUSHALL | FLUSHALL SYNC | [2] FLUSHDB",
  ),
  row(
    "RESTORE goes out as it came",
    "",
    `RESTORE k 0 ${HELLO}; RESTORE k 33177117420123 ${HELLO} ABSTTL REPLACE`,
    `RESTORE k 0 ${HELLO} | RESTORE k 33177117420123 ${HELLO} ABSTTL REPLACE`,
  ),
  row(
    "RESTORE with a time to live goes out with the moment",
    "",
    `restore k 100000 ${HELLO} REPLACE`,
    `restore k +100000 ${HELLO} REPLACE ABSTTL`,
  ),
  row(
    "RESTORE in the past goes out as DEL where a key was there",
    "SET k v",
    `RESTORE k 1 ${HELLO} ABSTTL REPLACE; RESTORE k 1 ${HELLO} ABSTTL REPLACE`,
    "DEL k",
  ),
  row(
    "Reads go out as nothing",
    "SET k v",
    "GET k; TOUCH k; EXISTS k; TTL k; SCAN 0; RANDOMKEY; DUMP k; OBJECT ENCODING k; KEYS *",
    "",
  ),
  row(
    "A transaction goes out as one unit",
    "",
    "MULTI; SET a 1; GET a; INCR a; EXEC",
    "SET a 1; INCR a",
  ),
  row("A transaction with one effect goes out bare", "", "MULTI; SET a 1; GET a; EXEC", "SET a 1"),
  row(
    "A transaction without effects goes out as nothing",
    "",
    "MULTI; GET a; DEL a; EXEC; MULTI; EXEC; MULTI; SET a 1; DISCARD",
    "",
  ),
  row(
    "A transaction goes out as what its commands did",
    "",
    "MULTI; SET a 1 EX 100; INCRBYFLOAT b 1; GETDEL b; INCR a; PERSIST a; EXEC",
    "SET a 1 PXAT +100000; SET b 1 KEEPTTL; DEL b; INCR a; PERSIST a",
  ),
  row(
    "A transaction's effects go out though one of its commands failed",
    "",
    "MULTI; SET a x; INCR a; SET b 1; EXEC",
    "SET a x; SET b 1",
  ),
  row(
    "A transaction over two databases goes out as one unit",
    "",
    "MULTI; SET a 1; SELECT 1; SET a 2; EXEC; SET a 3",
    "SET a 1; [1] SET a 2 | [1] SET a 3",
  ),
  row(
    "What expires on the way goes out before the command that met it",
    "SET a 1 PXAT 1; SET b 1 PXAT 1",
    "SET a 2; GET b",
    "DEL a; SET a 2 | DEL b",
  ),
  row("What had expired is not deleted twice", "SET a 1 PXAT 1", "DEL a", "DEL a"),
  row(
    "Expired keys go out with the transaction that met them",
    "SET a 1 PXAT 1; SET b 1 PXAT 1",
    "MULTI; GET a; INCR b; EXEC",
    "DEL a; DEL b; INCR b",
  ),
  row(
    "Expired keys that SCAN meets go out one by one",
    "SET a 1 PXAT 1; SET b 1 PXAT 1",
    "SCAN 0 COUNT 100",
    "DEL a | DEL b",
    { isAnyOrder: true },
  ),
  row("KEYS deletes nothing", "SET a 1 PXAT 1", "KEYS *", ""),
  row(
    "RENAME and COPY meet what has expired",
    "SET a 1; SET b 1 PXAT 1; SET c 1 PXAT 1",
    "COPY a b; RENAME a c",
    "DEL b; COPY a b | DEL c; RENAME a c",
  ),
  row(
    "MSET and SETEX meet what has expired",
    "SET a 1 PXAT 1; SET b 1 PXAT 1",
    "MSET a 1; SETEX b 100 1",
    "DEL a; MSET a 1 | DEL b; SET b 1 PXAT +100000",
  ),
  row(
    "SETNX and APPEND meet what has expired",
    "SET a 1 PXAT 1; SET b 1 PXAT 1",
    "SETNX a 1; APPEND b 1",
    "DEL a; SETNX a 1 | DEL b; APPEND b 1",
  ),
];

/** Units as a row shows them. `nowMs` is when the commands ran; a real clock went on since then. */
export function showUnits(units: readonly Unit[], nowMs: number): string[] {
  return units.map((unit) => unit.map((effect) => showEffect(effect, nowMs)).join("; "));
}

function showEffect({ db, args }: Effect, nowMs: number): string {
  const where = db === 0 ? "" : `[${db}] `;
  return where + args.map((arg) => showArg(arg, nowMs)).join(" ");
}

function showArg(arg: string, nowMs: number): string {
  const afterMs = Number(arg) - nowMs;
  if (/^\d{13}$/.test(arg) && Math.abs(afterMs) < 1_000_000) {
    return `+${Math.round(afterMs / 100_000) * 100_000}`;
  }
  return /^[\w.+:-]+$/.test(arg) ? arg : `"${escape(arg)}"`;
}
