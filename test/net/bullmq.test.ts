// BullMQ from the registry, as it is, against a node: a job queue made of fifty scripts.

import { FlowProducer, type Job, Queue, QueueEvents, Worker } from "bullmq";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { serve, type Served } from "../support/serve.ts";
import { until } from "../support/until.ts";

const PRIORITIES = 5;

interface Closable {
  on(event: "error", listener: () => void): unknown;
  close(): Promise<unknown>;
}

describe("BullMQ on a node", { timeout: 120_000 }, () => {
  let served: Served;
  const open: Closable[] = [];
  const connection = (): { host: string; port: number; maxRetriesPerRequest: null } => ({
    host: "127.0.0.1",
    port: served.ports.master,
    maxRetriesPerRequest: null,
  });
  const opened = <T extends Closable>(one: T): T => {
    // While the node is down: a connection that is refused is tried again.
    one.on("error", () => undefined);
    open.push(one);
    return one;
  };
  beforeAll(async () => {
    served = await serve({ replicas: [] });
  });
  afterAll(async () => {
    for (const one of open.toReversed()) await one.close();
    await served.stop();
  });

  it("completes each of 500 jobs once: delayed, retried, urgent or none of it", async () => {
    const count = 500;
    const queue = opened(new Queue("many", { connection: connection() }));
    const events = opened(new QueueEvents("many", { connection: connection() }));
    const completed = new Map<string, number>();
    events.on("completed", ({ jobId }) => {
      completed.set(jobId, (completed.get(jobId) ?? 0) + 1);
    });
    await events.waitUntilReady();

    const finished = new Map<string, number>();
    const early: string[] = [];
    const work = async (job: Job<{ kind: string; dueMs: number }>): Promise<string> => {
      const { kind, dueMs } = job.data;
      if (Date.now() < dueMs) early.push(job.id!);
      if (kind === "retried" && job.attemptsMade < 2) throw new Error("not yet");
      finished.set(job.id!, (finished.get(job.id!) ?? 0) + 1);
      return kind;
    };
    for (let i = 0; i < 3; i++) {
      opened(new Worker("many", work, { connection: connection(), concurrency: 10 }));
    }
    const jobs = Array.from({ length: count }, (_, i) => {
      const kind = ["plain", "delayed", "retried", "urgent", "plain"][i % 5]!;
      const delay = kind === "delayed" ? 50 + (i % 400) : 0;
      return {
        name: "job",
        data: { kind, dueMs: delay === 0 ? 0 : Date.now() + delay },
        opts: {
          jobId: `job-${i}`,
          ...(delay > 0 && { delay }),
          ...(kind === "retried" && {
            attempts: 3,
            backoff: { type: "fixed", delay: 20 + (i % 50) },
          }),
          ...(kind === "urgent" && { priority: 1 + (i % PRIORITIES) }),
        },
      };
    });
    await queue.addBulk(jobs.slice(0, 250));
    for (const { name, data, opts } of jobs.slice(250)) await queue.add(name, data, opts);

    await until("all jobs", () => completed.size === count, { timeoutMs: 60_000 });
    expect([...completed.values()].every((times) => times === 1)).toBe(true);
    expect(finished.size).toBe(count);
    expect([...finished.values()].every((times) => times === 1)).toBe(true);
    expect(early).toEqual([]);
    const counts = await queue.getJobCounts("completed", "failed", "delayed", "active", "waiting");
    expect(counts).toEqual({ completed: count, failed: 0, delayed: 0, active: 0, waiting: 0 });
  });

  it("runs the urgent first", async () => {
    const queue = opened(new Queue("urgent", { connection: connection() }));
    const order: number[] = [];
    const priorities = [5, 3, 4, 1, 2, 3, 1, 5];
    for (const priority of priorities) await queue.add("job", { priority }, { priority });
    const worker = opened(
      new Worker(
        "urgent",
        async (job: Job<{ priority: number }>) => void order.push(job.data.priority),
        { connection: connection(), concurrency: 1 },
      ),
    );
    await worker.waitUntilReady();
    await until("all jobs", () => order.length === priorities.length, { timeoutMs: 30_000 });
    expect(order).toEqual(priorities.toSorted((a, b) => a - b));
  });

  it("runs a parent behind its children, with what they gave", async () => {
    const flow = opened(new FlowProducer({ connection: connection() }));
    const sums: number[] = [];
    const work = async (job: Job<{ value: number }>): Promise<number> => {
      if (job.name === "leaf") return job.data.value;
      const children = Object.values(await job.getChildrenValues<number>());
      const sum = children.reduce((total, value) => total + value, 0);
      if (job.name === "root") sums.push(sum);
      return sum;
    };
    opened(new Worker("flow", work, { connection: connection(), concurrency: 4 }));
    await flow.add({
      name: "root",
      queueName: "flow",
      children: Array.from({ length: 3 }, (_, i) => ({
        name: "branch",
        queueName: "flow",
        children: Array.from({ length: 5 }, (_, k) => ({
          name: "leaf",
          queueName: "flow",
          data: { value: i * 5 + k },
        })),
      })),
    });
    await until("the root", () => sums.length > 0, { timeoutMs: 30_000 });
    expect(sums).toEqual([105]);
  });

  it("starts no more jobs in a while than its rate limit allows", async () => {
    const limiter = { max: 5, duration: 200 };
    const queue = opened(new Queue("limited", { connection: connection() }));
    const startedMs: number[] = [];
    await queue.addBulk(Array.from({ length: 20 }, () => ({ name: "job", data: {} })));
    opened(
      new Worker("limited", async () => void startedMs.push(performance.now()), {
        connection: connection(),
        limiter,
        concurrency: 10,
      }),
    );
    await until("all jobs", () => startedMs.length === 20, { timeoutMs: 30_000 });
    // Twenty jobs in four lots: the last of them begins behind three whole whiles.
    expect(startedMs.at(-1)! - startedMs[0]!).toBeGreaterThan(3 * limiter.duration * 0.8);
  });

  it("keeps its data over a crash of the node", async () => {
    const queue = opened(new Queue("crash", { connection: connection() }));
    await queue.addBulk(
      Array.from({ length: 50 }, (_, i) => ({ name: "job", data: { i }, opts: { delay: 1 } })),
    );
    await served.kill9();
    await served.restart();
    const seen = new Set<number>();
    opened(
      new Worker("crash", async (job: Job<{ i: number }>) => void seen.add(job.data.i), {
        connection: connection(),
        concurrency: 5,
      }),
    );
    await until("all jobs", () => seen.size === 50, { timeoutMs: 30_000 });
    expect((await queue.getJobCounts("completed", "failed"))["completed"]).toBe(50);
  });
});
