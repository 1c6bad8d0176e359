import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import type { InfoSection } from "../../shared/engine/info.ts";
import { ENGINE_COMMANDS, ENGINE_INFO } from "../../shared/engine/tables.ts";
import { ANTIPODE_VERSION } from "../../shared/engine/version.ts";
import { Verbatim } from "../../shared/resp/reply.ts";
import { engineHarness } from "../support/engine.ts";

const PLATFORM = { tcp_port: 6379, process_id: 7, region: "weur" };

function infoEngine({ info = [] }: { info?: readonly InfoSection[] } = {}) {
  const harness = engineHarness({
    commands: ENGINE_COMMANDS,
    info: [...info, ...ENGINE_INFO],
    ports: { platform: PLATFORM },
  });
  const text = (line = "INFO"): string => {
    const reply = harness.run(line);
    expect(reply).toBeInstanceOf(Verbatim);
    return (reply as Verbatim).text;
  };
  const fields = (line?: string): Map<string, string> => {
    const lines = text(line)
      .split("\r\n")
      .filter((row) => row !== "" && !row.startsWith("#"));
    return new Map(lines.map((row) => row.split(/:(.*)/s).slice(0, 2) as [string, string]));
  };
  const sections = (line?: string): string[] =>
    text(line)
      .split("\r\n")
      .filter((row) => row.startsWith("# "))
      .map((row) => row.slice(2));
  return { ...harness, text, fields, sections };
}

describe("INFO", () => {
  it("is as Redis lays it out: lines end in CR LF, a blank one between sections", () => {
    const { text } = infoEngine();
    expect(text("INFO cluster modules")).toBe(
      "# Modules\r\n\r\n# Cluster\r\ncluster_enabled:0\r\n",
    );
  });

  it("shows the default sections in Redis's order, commands only when asked", () => {
    const { sections } = infoEngine();
    const first = ["Server", "Clients", "Memory", "Persistence", "Stats", "Modules"];
    expect(sections()).toEqual([...first, "Errorstats", "Cluster", "Keyspace"]);
    const more = ["Commandstats", "Errorstats"];
    const all = [...first, ...more, "Latencystats", "Cluster", "Keyspace"];
    expect(sections("INFO all")).toEqual(all);
    expect(sections("INFO EVERYTHING")).toEqual(all);
    expect(sections("INFO commandstats default")).toEqual([
      ...first,
      ...more,
      "Cluster",
      "Keyspace",
    ]);
    expect(sections("INFO stats SERVER stats nosuch")).toEqual(["Server", "Stats"]);
  });

  it("puts the sections of others where Redis has them, and adds fields to its own", () => {
    const replication: InfoSection = { name: "Replication", fields: [["role", () => "master"]] };
    const counters: InfoSection = { name: "Stats", fields: [["sync_full", () => 3]] };
    const slaves: InfoSection = { name: "Replication", fields: () => [["slave0", "ip=1"]] };
    const extra: InfoSection = { name: "Region", fields: [["near", () => undefined]] };
    const { sections, text, fields } = infoEngine({ info: [extra, replication, counters, slaves] });
    expect(sections().slice(4, 7)).toEqual(["Stats", "Replication", "Modules"]);
    expect(sections().at(-1)).toBe("Region");
    expect(text("INFO replication")).toBe("# Replication\r\nrole:master\r\nslave0:ip=1\r\n");
    expect(text("INFO region")).toBe("# Region\r\n");
    expect(fields("INFO stats").get("sync_full")).toBe("3");
  });

  it("names the Redis it stands for, and itself", () => {
    const { fields, engine, turn } = infoEngine();
    turn(90_061_000);
    const server = fields("INFO server");
    expect(server.get("redis_version")).toBe("7.4.0");
    expect(server.get("antipode_version")).toBe(ANTIPODE_VERSION);
    expect(server.get("run_id")).toBe(engine.runId);
    expect(server.get("uptime_in_seconds")).toBe("90061");
    expect(server.get("uptime_in_days")).toBe("1");
    expect(server.get("server_time_usec")).toBe(`${engine.nowMs}000`);
    const packageJson = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
    expect(JSON.parse(packageJson)).toMatchObject({ version: ANTIPODE_VERSION });
  });

  it("shows what the platform says, and leaves out what it does not say", () => {
    const server = infoEngine().fields("INFO server");
    expect(server.get("tcp_port")).toBe("6379");
    expect(server.get("process_id")).toBe("7");
    expect(server.get("region")).toBe("weur");
    expect(server.has("os")).toBe(false);
  });

  it("counts clients as they are", () => {
    const { fields, connect, engine } = infoEngine();
    const before = Number(fields("INFO clients").get("connected_clients"));
    const follower = connect().session;
    follower.isFollower = true;
    const waiting = connect();
    waiting.send(["WATCH", "k"]);
    waiting.session.blocked = { kind: "wait", untilMs: engine.nowMs + 1 };
    const clients = fields("INFO clients");
    expect(clients.get("connected_clients")).toBe(String(before + 1));
    expect(clients.get("blocked_clients")).toBe("1");
    expect(clients.get("clients_in_timeout_table")).toBe("1");
    expect(clients.get("watching_clients")).toBe("1");
    expect(clients.get("maxclients")).toBe("10000");
  });

  it("counts bytes, and knows what a checkpoint has not written yet", () => {
    const { fields, run, engine } = infoEngine();
    run("SET k v");
    expect(fields().get("used_memory")).toBe(String(engine.eviction.dataBytes));
    expect(fields().get("used_memory_rss")).toBe(String(engine.keyspace.residentBytes));
    expect(fields().get("used_memory_dirty")).not.toBe("0");
    expect(fields().get("rdb_changes_since_last_save")).toBe("1");
    run("SAVE");
    expect(fields().get("used_memory_dirty")).toBe("0");
    expect(fields().get("rdb_changes_since_last_save")).toBe("0");
    expect(fields().get("rdb_last_save_time")).toBe(`${run("LASTSAVE") as number}`);
  });

  it("counts commands by name, with the time of those that are timed", () => {
    const { fields, run } = infoEngine();
    run("CONFIG RESETSTAT");
    run("GET k");
    run("KEYS *");
    run("INCRBY k x");
    const commands = fields("INFO commandstats");
    expect(commands.get("cmdstat_get")).toBe("calls=1,failed_calls=0");
    expect(commands.get("cmdstat_keys")).toBe("calls=1,usec=0,usec_per_call=0.00,failed_calls=0");
    expect(commands.get("cmdstat_incrby")).toBe("calls=1,failed_calls=1");
    expect(commands.get("cmdstat_config|resetstat")).toMatch(/^calls=1,/);
    expect(fields("INFO stats").get("total_error_replies")).toBe("1");
  });

  it("averages the time to live of keys that expire", () => {
    const { fields, run, turn } = infoEngine();
    run("SET a v PX 2000");
    run("SET b v PX 4000");
    run("SET c v");
    turn(500);
    expect(fields("INFO keyspace").get("db0")).toBe("keys=3,expires=2,avg_ttl=2500");
  });
});
