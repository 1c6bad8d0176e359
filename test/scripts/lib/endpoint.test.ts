import { describe, expect, it } from "vitest";

import { endpointOf } from "../../../scripts/lib/endpoint.ts";

describe("the endpoint of a deployment", () => {
  it.each([
    ["https://a.dev", undefined, "wss://a.dev/resp?node=master"],
    ["http://127.0.0.1:8787/", undefined, "ws://127.0.0.1:8787/resp?node=master"],
    ["wss://a.dev/resp", "weur", "wss://a.dev/resp?node=weur"],
    ["wss://a.dev/resp?node=weur", undefined, "wss://a.dev/resp?node=weur"],
    ["wss://a.dev/resp?node=weur", "apac", "wss://a.dev/resp?node=apac"],
    ["https://a.dev/below/", undefined, "wss://a.dev/below/resp?node=master"],
    ["http://[::1]:1", undefined, "ws://[::1]:1/resp?node=master"],
  ])("of %s and node %s is %s", (given, node, endpoint) => {
    expect(endpointOf(given, node).href).toBe(endpoint);
  });

  it.each(["", "a.dev", "localhost:8787", "redis://a.dev", "ftp://a.dev"])(
    "refuses %j",
    (given) => {
      expect(() => endpointOf(given)).toThrow("is no address");
    },
  );

  it("refuses a password in the address, which other users of the machine could see", () => {
    expect(() => endpointOf("https://u:p@a.dev")).toThrow("--password");
  });
});
