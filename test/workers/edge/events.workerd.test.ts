// Messages and MONITOR's lines as server-sent events.

import { beforeEach, describe, expect, test, vi } from "vitest";

import { until } from "../support/until.ts";
import { ask, call, freshMaster, sleep, restart } from "../support/nodes.ts";

vi.setConfig({ testTimeout: 30_000 });
beforeEach(freshMaster);

/** A reader of a stream of events. */
async function listen(path: string, init: RequestInit = { method: "POST", body: "[]" }) {
  const response = await call(path, init);
  expect([response.status, response.headers.get("content-type")]).toEqual([
    200,
    "text/event-stream",
  ]);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let heard = "";
  return {
    /** The next event's lines. */
    next: async (): Promise<string> => {
      while (!heard.includes("\n\n")) {
        const { done, value } = await reader.read();
        if (done) return "the end";
        heard += value;
      }
      const end = heard.indexOf("\n\n");
      const event = heard.slice(0, end);
      heard = heard.slice(end + 2);
      return event;
    },
    leave: () => reader.cancel(),
  };
}

describe("a subscriber", () => {
  test("is told that it is one, and then every message, to any number of channels", async () => {
    const events = await listen("/subscribe/chat/news%2Feu");
    expect(await events.next()).toBe("data: subscribe,chat,1");
    expect(await events.next()).toBe("data: subscribe,news/eu,2");
    expect(await ask("master", "PUBLISH", "chat", "a,b")).toBe(1);
    expect(await ask("master", "PUBLISH", "news/eu", '{"x":1}')).toBe(1);
    expect(await events.next()).toBe("data: message,chat,a,b");
    expect(await events.next()).toBe('data: message,news/eu,{"x":1}');
    await events.leave();
  });

  test("to a pattern is told channel and pattern", async () => {
    const events = await listen("/psubscribe/c*", {});
    expect(await events.next()).toBe("data: psubscribe,c*,1");
    await ask("master", "PUBLISH", "chat", "hello");
    expect(await events.next()).toBe("data: pmessage,c*,chat,hello");
    await events.leave();
  });

  test("gets a message of several lines as one event, and what is no UTF-8 marked", async () => {
    const events = await listen("/subscribe/chat");
    await events.next();
    await ask("master", "PUBLISH", "chat", "a\nb\r\nc\rd");
    expect(await events.next()).toBe("data: message,chat,a\ndata: b\ndata: c\ndata: d");
    await ask("master", "PUBLISH", "chat", "\xff");
    expect(await events.next()).toBe("data: message,chat,\ufffd");
    await events.leave();
  });

  test("gets long messages whole", async () => {
    const events = await listen("/subscribe/chat");
    await events.next();
    const text = "x".repeat(3_000_000);
    await ask("master", "PUBLISH", "chat", text);
    expect(await events.next()).toBe(`data: message,chat,${text}`);
    await events.leave();
  });

  test("listens no more when it has left", async () => {
    const events = await listen("/subscribe/chat");
    await events.next();
    await events.leave();
    const heard = () => ask("master", "PUBLISH", "chat", "x");
    await until("nobody listens", async () => (await heard()) === 0);
    expect(await heard()).toBe(0);
  });

  test("goes on listening while the node sleeps", async () => {
    const events = await listen("/subscribe/chat");
    await events.next();
    await sleep();
    expect(await ask("master", "PUBLISH", "chat", "awake")).toBe(1);
    expect(await events.next()).toBe("data: message,chat,awake");
    await events.leave();
  });

  test("hears the end when the node is restarted", async () => {
    const events = await listen("/subscribe/chat");
    await events.next();
    await restart();
    expect(await events.next()).toBe("the end");
  });

  test("that does not read is let go", async () => {
    const response = await call("/subscribe/chat", { method: "POST" });
    const text = "x".repeat(1_000_000);
    const heard = () => ask("master", "PUBLISH", "chat", text);
    expect(await heard()).toBe(1);
    await until("it was let go", async () => (await heard()) === 0);
    await response.body?.cancel();
  });
});

describe("a monitor", () => {
  test("is shown every command of others", async () => {
    const events = await listen("/monitor");
    expect(await events.next()).toBe('data: "OK"');
    await call("/set/a/1");
    expect(await events.next()).toMatch(/^data: \d+\.\d{6} \[0 rest:0\] "set" "a" "1"$/);
    await events.leave();
  });
});

describe("a stream of events", () => {
  test("has a line of any length", async () => {
    const events = await listen("/monitor");
    expect(await events.next()).toBe('data: "OK"');
    const value = "v".repeat(2_000_000);
    await ask("master", "SET", "long", value);
    expect(await events.next()).toContain(`"SET" "long" "${value}"`);
    await ask("master", "PING");
    expect(await events.next()).toContain('"PING"');
    await events.leave();
  });

  test("is not for strangers", async () => {
    await ask("master", "CONFIG", "SET", "requirepass", "s3cret", "rest-readonly-token", "reader");
    for (const path of ["/subscribe/a", "/psubscribe/a", "/monitor", "/subscribe/%zz"]) {
      const response = await call(path, { method: "POST" });
      expect([path, response.status]).toEqual([path, 401]);
      await response.text();
    }
    const events = await listen("/subscribe/chat?_token=reader", {});
    expect(await events.next()).toBe("data: subscribe,chat,1");
    await events.leave();
  });

  test("is refused in JSON where there is nothing to listen to", async () => {
    for (const path of ["/subscribe", "/psubscribe"]) {
      const response = await call(path, { method: "POST", body: "[]" });
      expect(response.status).toBe(400);
      const name = path.slice(1);
      expect(await response.json()).toEqual({
        error: `ERR wrong number of arguments for '${name}' command`,
      });
    }
    expect((await call("/subscribe/a?node=nowhere")).status).toBe(404);
    expect((await call("/subscribe/%zz", { method: "POST" })).status).toBe(400);
  });

  test("is a client like any other: no node, and counted", async () => {
    const events = await listen("/subscribe/chat");
    await events.next();
    const list = (await ask("master", "CLIENT", "LIST", "TYPE", "pubsub")) as string;
    expect(list.trim().split("\n")).toHaveLength(1);
    await events.leave();
  });
});
