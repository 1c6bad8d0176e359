import { describe, expect, it } from "vitest";

import { ReplyError } from "../../../shared/resp/reply.ts";
import { engineHarness } from "../../support/engine.ts";

describe("SORT", () => {
  it("works on values whose elements were not in memory", () => {
    const { run, checkpoint } = engineHarness();
    const numbers = Array.from({ length: 2500 }, (_, i) => String((i * 7919) % 2500));
    run(`RPUSH l ${numbers.join(" ")}`);
    run(`SADD s ${numbers.join(" ")}`);
    run(`ZADD z ${numbers.map((number) => `${number} ${number}`).join(" ")}`);
    checkpoint({ isForgetting: true });
    const first = ["0", "1", "2"];
    for (const key of ["l", "s", "z"]) expect(run(`SORT ${key} LIMIT 0 3`)).toEqual(first);
    expect(run("SORT z BY nosort DESC LIMIT 2497 3")).toEqual(first.toReversed());
    expect(run("SORT l STORE d")).toBe(2500);
    checkpoint({ isForgetting: true });
    expect(run("LRANGE d 0 2")).toEqual(first);
  });

  it("of a set stores the same on a replica, whatever order the set has there", () => {
    const [master, replica] = [engineHarness(), engineHarness()];
    const members = Array.from({ length: 300 }, (_, i) => `m${i}`);
    master.run(`SADD s ${members.join(" ")}`);
    for (const member of members.toReversed()) replica.run(`SADD s ${member}`);
    for (const line of ["SORT s BY w_* ALPHA STORE d", "SORT s BY nosort STORE e"]) {
      master.run(line);
      replica.run(line);
    }
    for (const key of ["d", "e"]) {
      expect(replica.run(`LRANGE ${key} 0 -1`)).toEqual(master.run(`LRANGE ${key} 0 -1`));
    }
  });

  it("does not see hash fields that have expired", () => {
    const { run, turn } = engineHarness();
    run("RPUSH l 1");
    run("HSET h_1 f v");
    run("HPEXPIRE h_1 100 FIELDS 1 f");
    expect(run("SORT l GET h_*->f")).toEqual(["v"]);
    turn(200);
    expect(run("SORT l GET h_*->f")).toEqual([null]);
  });

  it("reads other keys only for users who may read all keys", () => {
    const { run, connect } = engineHarness();
    run("RPUSH l 1");
    run("ACL SETUSER u on nopass +@all ~l");
    const client = connect();
    client.send(["AUTH", "u", "x"]);
    const refusal = (option: string) =>
      new ReplyError(`ERR ${option} option of SORT denied due to insufficient ACL permissions`);
    expect(client.send(["SORT", "l"])).toEqual(["1"]);
    expect(client.send(["SORT", "l", "BY", "nosort"])).toEqual(["1"]);
    expect(client.send(["SORT", "l", "BY", "w_*"])).toEqual(refusal("BY"));
    expect(client.send(["SORT_RO", "l", "GET", "#"])).toEqual(refusal("GET"));
    run("ACL SETUSER u ~*");
    expect(client.send(["SORT", "l", "BY", "w_*", "GET", "#"])).toEqual(["1"]);
  });
});
