// Reading what redis-benchmark prints.

import { expect, test } from "vitest";

import { parseCsv } from "../../../../scripts/lib/bench/redis-benchmark.ts";

const REDIS_7 = `"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"
"SET","25575.45","1.850","0.816","1.831","2.207","2.591","3.071"
"GET","31152.65","1.521","0.720","1.503","1.863","2.103","2.735"
`;

test.each([
  ["of Redis 7, with headings and latencies", REDIS_7, { set: 25575.45, get: 31152.65 }],
  ["of Redis 6 and before", '"SET","100.50"\n"GET","99"\n', { set: 100.5, get: 99 }],
  ["with warnings before it", `WARNING: Could not fetch server CONFIG\n${REDIS_7}`, {}],
  ["with progress that was written over", '"SET: 1\r"SET","5.00"\r\n', { set: 5 }],
  ["of a test whose name is explained", '"LRANGE_100 (first, 100)","7.5"', { lrange_100: 7.5 }],
  ["that is empty", "", {}],
])("the figures are found in output %s", (_, output, rates) => {
  expect(parseCsv(output)).toMatchObject(rates);
});

test("headings and warnings are no figures", () => {
  expect(Object.keys(parseCsv(`WARNING: "x"\n${REDIS_7}`))).toEqual(["set", "get"]);
});
