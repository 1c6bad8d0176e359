// What stream commands of redis-server 7.0 are propagated as.

import { type EffectCase, row } from "../effect-cases.ts";

const READY = "XADD s 1-1 f v; XADD s 1-2 f v; XADD s 1-3 f v; XGROUP CREATE s g 0";
const READ = `${READY}; XREADGROUP GROUP g c STREAMS s >`;
const CLAIMED = (consumer: string, id: string, count: number, more = "TIME +0"): string =>
  `XCLAIM s g ${consumer} 0 ${id} ${more} RETRYCOUNT ${count} FORCE JUSTID LASTID 1-3`;

export const CASES: readonly EffectCase[] = [
  row(
    "XADD with an ID goes out as it came",
    "",
    "xadd s 1-1 f v; XADD s 2 f v; XADD s NOMKSTREAM 3-1 f v; XADD t NOMKSTREAM 1-1 f v",
    "xadd s 1-1 f v | XADD s 2 f v | XADD s NOMKSTREAM 3-1 f v",
  ),
  row(
    "XADD goes out with the ID that was made",
    "XADD s 99999999999999-1 f v",
    "XADD s * f v; XADD s 99999999999999-* f v; XADD s MAXLEN 2 * f v",
    "XADD s 99999999999999-2 f v | XADD s 99999999999999-3 f v | XADD s MAXLEN 2 99999999999999-4 f v",
  ),
  row("XADD that fails goes out as nothing", "XADD s 1-1 f v", "XADD s 1-1 f v; XADD s x f v", ""),
  row(
    "XADD MAXLEN goes out as it came, but ~ as what is there then",
    "XADD s 1-1 f v",
    "XADD s MAXLEN 5 1-2 f v; XADD s MAXLEN = 5 1-3 f v; XADD s MAXLEN ~ 1 2 f v; XADD s maxlen ~ 1 LIMIT 9 3-* f v",
    'XADD s MAXLEN 5 1-2 f v | XADD s MAXLEN "=" 5 1-3 f v | XADD s MAXLEN "=" 4 2 f v | XADD s maxlen "=" 5 LIMIT 9 3-0 f v',
  ),
  row(
    "XADD MINID ~ goes out as the first entry there is then",
    "XADD s 1-1 f v; XADD s 1-2 f v; XDEL s 1-1",
    "XADD s MINID 1 1-3 f v; XADD s MINID ~ 1-2 1-4 f v; XADD s MINID ~ 9 1-5 f v",
    'XADD s MINID 1 1-3 f v | XADD s MINID "=" 1-1 1-4 f v | XADD s MINID "=" 18446744073709551615-18446744073709551615 1-5 f v',
  ),
  row(
    "XTRIM goes out where it removes, ~ as what is there then",
    READY,
    "XTRIM s MAXLEN 5; XTRIM s MAXLEN ~ 1; XTRIM s MAXLEN 2; XTRIM s MINID = 1-3; XTRIM s MAXLEN ~ 0; XTRIM s MAXLEN ~ 0",
    'XTRIM s MAXLEN 2 | XTRIM s MINID "=" 1-3 | XTRIM s MAXLEN "=" 0',
  ),
  row(
    "XDEL goes out as it came, where an entry was there",
    READY,
    "XDEL s 1-1 9-9; XDEL s 9-9; XDEL none 1-1",
    "XDEL s 1-1 9-9",
  ),
  row("XSETID goes out as it came", READY, "XSETID s 5; xsetid s 5-0", "XSETID s 5 | xsetid s 5-0"),
  row(
    "XGROUP goes out as it came, where it changes something",
    "XADD s 1-1 f v",
    "XGROUP CREATE s g $; XGROUP CREATE s g $; XGROUP CREATE t g $ MKSTREAM; xgroup setid s g 0; XGROUP DESTROY s x; XGROUP DESTROY s g",
    'XGROUP CREATE s g "$" | XGROUP CREATE t g "$" MKSTREAM | xgroup setid s g 0 | XGROUP DESTROY s g',
  ),
  row(
    "XGROUP with a consumer goes out as it came, where it changes something",
    READY,
    "XGROUP CREATECONSUMER s g c; XGROUP CREATECONSUMER s g c; XGROUP DELCONSUMER s g x; XGROUP DELCONSUMER s g c",
    "XGROUP CREATECONSUMER s g c | XGROUP DELCONSUMER s g c",
  ),
  row(
    "XREADGROUP goes out as an XCLAIM for each entry, as one unit",
    READY,
    "XREADGROUP GROUP g c COUNT 1 STREAMS s >; XREADGROUP GROUP g d STREAMS s >; XREADGROUP GROUP g d STREAMS s >",
    "XCLAIM s g c 0 1-1 TIME +0 RETRYCOUNT 1 FORCE JUSTID LASTID 1-1 | XCLAIM s g d 0 1-2 TIME +0 RETRYCOUNT 1 FORCE JUSTID LASTID 1-2; XCLAIM s g d 0 1-3 TIME +0 RETRYCOUNT 1 FORCE JUSTID LASTID 1-3",
  ),
  row(
    "XREADGROUP NOACK goes out as how far the group is, and a new consumer by itself",
    READY,
    "XREADGROUP GROUP g c COUNT 2 NOACK STREAMS s >; XREADGROUP GROUP g c NOACK STREAMS s >",
    "XGROUP CREATECONSUMER s g c; XGROUP SETID s g 1-2 ENTRIESREAD 2 | XGROUP SETID s g 1-3 ENTRIESREAD 3",
  ),
  row("A consumer's history goes out as nothing", READ, "XREADGROUP GROUP g c STREAMS s 0", ""),
  row(
    "XACK goes out where something was pending",
    READ,
    "XACK s g 1-1 9-9; XACK s g 1-1; XACK s x 1-2",
    "XACK s g 1-1 9-9",
  ),
  row(
    "XCLAIM goes out as an XCLAIM for each entry that changed hands",
    READ,
    "XCLAIM s g d 0 1-1 1-2; XCLAIM s g d 3600000 1-3; XCLAIM s g e 0 1-3 JUSTID TIME 5; XCLAIM s g e 0 1-3 RETRYCOUNT 9 IDLE 0",
    [
      `${CLAIMED("d", "1-1", 2)}; ${CLAIMED("d", "1-2", 2)}`,
      `${CLAIMED("e", "1-3", 1, "TIME 5")} | ${CLAIMED("e", "1-3", 9)}`,
    ].join(" | "),
  ),
  row(
    "XCLAIM of a deleted entry goes out with its old owner",
    `${READ}; XDEL s 1-2`,
    "XCLAIM s g d 0 1-2; XCLAIM s g d 0 1-2",
    CLAIMED("c", "1-2", 1),
  ),
  row(
    "XCLAIM LASTID alone goes out as how far the group is",
    READY,
    "XCLAIM s g d 0 9-9 LASTID 1-2; XCLAIM s g d 0 9-9 LASTID 1-1",
    "XGROUP SETID s g 1-2 ENTRIESREAD -1",
  ),
  row(
    "XAUTOCLAIM goes out as an XCLAIM for each entry, deleted ones too",
    `${READ}; XDEL s 1-2`,
    "XAUTOCLAIM s g d 0 0; XAUTOCLAIM s g d 3600000 0; XAUTOCLAIM s g e 0 1-3 JUSTID",
    [
      `${CLAIMED("d", "1-1", 2)}; ${CLAIMED("c", "1-2", 1)}; ${CLAIMED("d", "1-3", 2)}`,
      CLAIMED("e", "1-3", 2),
    ].join(" | "),
  ),
  row(
    "Reads of streams go out as nothing",
    READ,
    "XLEN s; XRANGE s - +; XREVRANGE s + -; XREAD STREAMS s 0; XPENDING s g; XINFO STREAM s FULL; XINFO GROUPS s",
    "",
  ),
];
