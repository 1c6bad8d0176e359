import { describe, expect, it } from "vitest";

import { engineHarness } from "../../support/engine.ts";

describe("PFCOUNT on a replica", () => {
  it("answers, and leaves the count to be put into the key by its master", () => {
    const { run, replay, role, units } = engineHarness();
    replay("PFADD", "k", "a", "b");
    const before = run("GET k");
    role.isReplica = true;
    expect(run("PFCOUNT k")).toBe(2);
    expect(run("GET k")).toBe(before);
    expect(units).toEqual([]);
    replay("PFCOUNT", "k");
    expect(run("GET k")).not.toBe(before);
    expect(run("PFCOUNT k")).toBe(2);
  });
});
