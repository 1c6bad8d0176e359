// What scripts and functions of redis-server 7.0 are propagated as.

import { type EffectCase, row } from "../effect-cases.ts";

const LIBRARY = String.raw`"#!lua name=effects\nredis.register_function('set', function(keys, args) return redis.call('SET', keys[1], args[1]) end)"`;
const OTHER = String.raw`"#!lua name=others\nredis.register_function('two', function(keys) redis.call('INCR', keys[1]) redis.call('INCR', keys[1]) end)"`;

export const CASES: readonly EffectCase[] = [
  row(
    "A script goes out as the one command it ran",
    "",
    `EVAL "return redis.call('SET', KEYS[1], ARGV[1])" 1 k v`,
    "SET k v",
  ),
  row(
    "A script goes out as a transaction of the commands it ran",
    "",
    `EVAL "redis.call('SET', 'a', 1) redis.call('GET', 'a') redis.call('INCR', 'b')" 0`,
    "SET a 1; INCR b",
  ),
  row(
    "A script that changes nothing goes out as nothing",
    "SET k v",
    `EVAL "return redis.call('GET', 'k')" 0; EVAL "redis.call('DEL', 'nothing')" 0; EVAL_RO "return 1" 0; SCRIPT LOAD "return 1"; SCRIPT FLUSH`,
    "",
  ),
  row(
    "A script goes out as effects, not as what it called",
    "SADD s a",
    `EVAL "redis.call('SPOP', 's') redis.call('INCRBYFLOAT', 'f', '1.5') redis.call('SET', 'k', 'v', 'EX', 100)" 0`,
    "SREM s a; SET f 1.5 KEEPTTL; SET k v PXAT +100000",
  ),
  row(
    "What a script wrote before it failed goes out",
    "SET text x",
    `EVAL "redis.call('SET', 'a', 1) redis.pcall('INCR', 'text') redis.call('SET', 'b', 2) redis.call('INCR', 'text')" 0; EVAL "redis.call('SET', 'a', 1) error('no')" 0`,
    "SET a 1; SET b 2 | SET a 1",
  ),
  row(
    "EVALSHA goes out as what it did",
    `SCRIPT LOAD "return redis.call('INCR', KEYS[1])"`,
    "EVALSHA 61636018f4e6b5817b89791bbed242f93fa089e3 1 n",
    "INCR n",
  ),
  row(
    "Numbers go out as a script gave them",
    "",
    `EVAL "redis.call('SET', 'a', 10) redis.call('SET', 'b', 1.5) redis.call('SET', 'c', 2^53) redis.call('SET', 'd', -0.1)" 0`,
    "SET a 10; SET b 1.5; SET c 9007199254740992; SET d -0.10000000000000001",
  ),
  row(
    "A script in a transaction is part of it",
    "",
    `MULTI; SET a 1; EVAL "redis.call('INCR', 'a') redis.call('INCR', 'a')" 0; EVAL "return 1" 0; SET b 1; EXEC`,
    "SET a 1; INCR a; INCR a; SET b 1",
  ),
  row(
    "A script's commands go out in the databases it selects",
    "",
    `SELECT 1; EVAL "redis.call('SET', 'a', 1) redis.call('SELECT', 2) redis.call('SET', 'a', 2)" 0; SET b 1`,
    "[1] SET a 1; [2] SET a 2 | [1] SET b 1",
  ),
  row(
    "What a script publishes goes out",
    "",
    `EVAL "redis.call('PUBLISH', 'c', 'm')" 0; EVAL "redis.call('SET', 'a', 1) redis.call('PUBLISH', 'c', 'm')" 0`,
    "PUBLISH c m | SET a 1; PUBLISH c m",
  ),
  row(
    "Expired keys go out with the script that met them",
    "SET a 1 PXAT 1; SET b 1 PXAT 1",
    `EVAL "redis.call('GET', 'a') redis.call('SET', 'c', 1)" 0; EVAL "redis.call('GET', 'b')" 0`,
    "DEL a; SET c 1 | DEL b",
  ),
  row(
    "Functions go out as what they did",
    `FUNCTION LOAD REPLACE ${LIBRARY}; FUNCTION LOAD REPLACE ${OTHER}`,
    "FCALL set 1 k v; FCALL two 1 n",
    "SET k v | INCR n; INCR n",
  ),
  row(
    "FUNCTION LOAD, DELETE and FLUSH go out as they came",
    "FUNCTION FLUSH",
    `FUNCTION LOAD ${LIBRARY}; function load replace ${OTHER}; FUNCTION DELETE effects; FUNCTION FLUSH; FUNCTION FLUSH ASYNC`,
    `FUNCTION LOAD ${LIBRARY} | function load replace ${OTHER} | FUNCTION DELETE effects | FUNCTION FLUSH | FUNCTION FLUSH ASYNC`,
  ),
  row(
    "FUNCTION that fails or looks goes out as nothing",
    `FUNCTION FLUSH; FUNCTION LOAD ${LIBRARY}`,
    `FUNCTION LOAD ${LIBRARY}; FUNCTION DELETE nothing; FUNCTION LIST; FUNCTION STATS; FUNCTION DUMP; FCALL nothing 0`,
    "",
  ),
];
