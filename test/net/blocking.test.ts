// What test/blocking/programs.txt says of clients that wait, redis-server does, and a node over TCP.

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { perform, type Program, programs } from "../blocking/programs.ts";
import { socketScene } from "../blocking/socket-scene.ts";
import { hasRedis, type Redis, startRedis } from "../support/redis.ts";
import { serve, type Served } from "../support/serve.ts";

async function performed(program: Program, port: number): Promise<string[]> {
  const scene = await socketScene(port);
  try {
    return await perform(program, scene);
  } finally {
    await scene.close();
  }
}

describe.skipIf(!hasRedis)("clients that wait for keys, on redis-server", () => {
  let redis: Redis;
  beforeAll(async () => void (redis = await startRedis()));
  afterAll(() => redis.stop());

  it.each(programs())("%s", async (_title, program) => {
    expect(await performed(program, redis.port)).toEqual(program.lines);
  });
});

describe("clients that wait for keys, on a node over TCP", () => {
  let served: Served;
  beforeAll(async () => void (served = await serve({ replicas: [] })));
  afterAll(() => served.stop());

  it.each(programs())("%s", async (_title, program) => {
    expect(await performed(program, served.ports.master)).toEqual(program.lines);
  });
});
