import { describe, expect, it } from "vitest";

import { ERRORS } from "../../../shared/resp/errors.ts";
import { NIL_ARRAY, OK, QUEUED, ReplyError } from "../../../shared/resp/reply.ts";
import { Session } from "../../../shared/engine/session.ts";
import { engineHarness } from "../../support/engine.ts";

const because = (why: string) =>
  new ReplyError(`EXECABORT Transaction discarded because of: ${why}`);

describe("EXEC asks the gates again", () => {
  it("refuses writes once the node is a replica, whatever else is wrong", () => {
    const { role, run } = engineHarness();
    run("MULTI");
    run("SET a 1");
    run("NONSENSE");
    role.isReplica = true;
    expect(run("EXEC")).toEqual(because(ERRORS.readOnly));
    expect(run("EXEC")).toEqual(new ReplyError(ERRORS.execWithoutMulti));
    expect(run("EXISTS a")).toBe(0);
  });

  it("runs reads on a replica", () => {
    const { role, run } = engineHarness();
    run("SET a 1");
    run("MULTI");
    run("GET a");
    role.isReplica = true;
    expect(run("EXEC")).toEqual(["1"]);
  });

  it("refuses writes while too few replicas are near", () => {
    const { engine, role, run } = engineHarness();
    role.goodReplicaCount = 1;
    engine.config.set([["min-replicas-to-write", "1"]]);
    run("MULTI");
    expect(run("SET a 1")).toBe(QUEUED);
    role.goodReplicaCount = 0;
    expect(run("EXEC")).toEqual(because(ERRORS.noReplicas));
  });

  it("refuses reads while the link is down and stale data is not served", () => {
    const { engine, role, run } = engineHarness();
    engine.config.set([["replica-serve-stale-data", "no"]]);
    role.isReplica = true;
    run("MULTI");
    run("GET a");
    role.isLinkUp = false;
    expect(run("EXEC")).toEqual(because(ERRORS.masterDown));
    run("MULTI");
    run("SELECT 1");
    expect(run("EXEC")).toEqual([OK]);
  });
});

describe("a transaction", () => {
  it("sees one moment, and what expired meanwhile only afterwards", () => {
    const { run, turn } = engineHarness();
    run("SET a 1 PX 100");
    turn(100);
    run("MULTI");
    run("GET a");
    expect(run("EXEC")).toEqual(["1"]);
    turn(1);
    expect(run("GET a")).toBeNull();
  });

  it("outlives hibernation with what it watches", () => {
    const { engine, connect, run } = engineHarness();
    const { session, send } = connect();
    run("SET a 1");
    send(["WATCH", "a"]);
    send(["MULTI"]);
    send(["GET", "a"]);
    const saved = JSON.parse(JSON.stringify(session.save())) as Record<string, unknown>;
    engine.closeSession(session);
    const restored = Session.restore(saved);
    engine.restoreSession(restored);
    run("SET a 2");
    expect(engine.run(restored, ["EXEC"])).toBe(NIL_ARRAY);
    expect(engine.run(restored, ["EXEC"])).toEqual(new ReplyError(ERRORS.execWithoutMulti));
  });
});
