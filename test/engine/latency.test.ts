import { describe, expect, it } from "vitest";

import { latencyGraph } from "../../shared/engine/latency-graph.ts";
import { LatencyHistogram } from "../../shared/engine/latency-histogram.ts";
import { infoText } from "../../shared/engine/info.ts";
import { ENGINE_COMMANDS, ENGINE_INFO } from "../../shared/engine/tables.ts";
import { MapReply } from "../../shared/resp/reply.ts";
import { engineHarness } from "../support/engine.ts";

function histogramOf(...durationsUs: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const us of durationsUs) histogram.add(us);
  return histogram;
}

describe("a histogram of latencies", () => {
  it("has redis-server's bounds", () => {
    const bounds: number[] = [];
    for (let us = 1; us < 1e6; us *= 1.9) bounds.push(histogramOf(us).buckets()[0]![0]);
    // As redis-server 7.0.15 showed them.
    expect([...new Set(bounds)]).toEqual(
      [
        1, 2, 4, 8, 16, 33, 66, 132, 264, 528, 1056, 2113, 4227, 8454, 16908, 33816, 67633, 135266,
        270532, 541065, 1082130,
      ].filter((bound) => bounds.includes(bound)),
    );
  });

  it("adds up, and leaves out bounds that no more calls are under", () => {
    expect(histogramOf(1, 1, 3, 100, 90, 5000).buckets()).toEqual([
      [1, 2],
      [4, 3],
      [132, 5],
      [8454, 6],
    ]);
    expect(histogramOf().buckets()).toEqual([]);
  });

  it("tells percentiles to two digits, as redis-server does", () => {
    expect(histogramOf(18).percentile(50)).toBe(18.047);
    expect(histogramOf(4).percentile(99.9)).toBe(4.015);
    const hundred = histogramOf(...Array.from({ length: 100 }, (_, i) => i + 1));
    expect([50, 99, 100, 0].map((percent) => hundred.percentile(percent))).toEqual([
      50.175, 99.327, 100.351, 1.003,
    ]);
    expect(histogramOf().percentile(50)).toBe(0);
  });

  it("takes what has no time and what takes for ever", () => {
    expect(histogramOf(0, 1e12).buckets()).toEqual([
      [1, 1],
      [1082130, 2],
    ]);
  });
});

describe("a graph of latencies", () => {
  it("is redis-server's", () => {
    const latencies = [5, 20, 3, 80, 41, 2];
    const samples = latencies.map((durationMs, i) => ({ atSeconds: 10 + i, durationMs }));
    const event = { name: "command", samples, worstMs: 80 };
    expect(latencyGraph(event, 17).split("\n")).toEqual([
      "command - high 80 ms, low 2 ms (all time high 80 ms)",
      "-".repeat(80),
      "   #  ",
      "   |_ ",
      "   || ",
      "_#_||_",
      "      ",
      "765432",
      "ssssss",
      "",
    ]);
  });

  it("goes on below after 80 samples, and tells ages in their largest unit", () => {
    const samples = Array.from({ length: 82 }, (_, i) => ({ atSeconds: i, durationMs: 1 }));
    const lines = latencyGraph({ name: "x", samples, worstMs: 9 }, 200_000).split("\n");
    expect(lines.slice(5, 9)).toEqual([
      "_".repeat(80),
      " ".repeat(80),
      "2".repeat(80),
      "d".repeat(80),
    ]);
    expect(lines.slice(9, 15)).toEqual(["", "  ", "  ", "  ", "__", "  "]);
  });
});

describe("LATENCY HISTOGRAM and INFO latencystats", () => {
  function timed() {
    let us = 0;
    const clockUs = (): number => (us += 100);
    const harness = engineHarness({
      commands: ENGINE_COMMANDS,
      info: ENGINE_INFO,
      ports: { clockUs },
    });
    harness.run("KEYS *");
    harness.run("CONFIG GET x");
    return harness;
  }

  it("show calls that were timed, by command, subcommand or container", () => {
    const { run } = timed();
    const of = (calls: number): MapReply =>
      new MapReply(["calls", calls, "histogram_usec", new MapReply([132, calls])]);
    expect(run("LATENCY HISTOGRAM KEYS")).toEqual(new MapReply(["keys", of(1)]));
    expect(run("LATENCY HISTOGRAM config nosuch get")).toEqual(new MapReply(["config|get", of(1)]));
    expect((run("LATENCY HISTOGRAM") as MapReply).flat).toContain("config|get");
  });

  it("start again with CONFIG RESETSTAT, and stop with latency-tracking", () => {
    const { run } = timed();
    run("CONFIG RESETSTAT");
    run("CONFIG SET latency-tracking no");
    run("KEYS *");
    expect(run("LATENCY HISTOGRAM keys")).toEqual(new MapReply([]));
  });

  it("tell the percentiles that are asked for", () => {
    const { engine, run } = timed();
    run("CONFIG SET latency-tracking-info-percentiles 50");
    const text = infoText(engine, ["latencystats"]);
    expect(text).toContain("latency_percentiles_usec_keys:p50=100.351\r\n");
  });
});
