import { describe, expect, test } from "vitest";

import { isServer, serverAddressOf, shownAddress } from "../../../scripts/lib/server-address.ts";

describe("the address of a server", () => {
  test.each([
    ["redis://a", "redis://a:6379"],
    ["redis://a:7000/", "redis://a:7000"],
    ["redis://user:secret@a", "redis://a:6379"],
    ["rediss://[::1]:7000", "rediss://[::1]:7000"],
    ["https://a.example", "wss://a.example/resp?node=master"],
    ["ws://a.example/resp?node=weur", "ws://a.example/resp?node=weur"],
  ])("%s is shown as %s, without a password", (given, shown) => {
    expect(shownAddress(serverAddressOf(given))).toBe(shown);
    expect(isServer(given)).toBe(true);
  });

  test("has a user and a password where they are given", () => {
    expect(serverAddressOf("redis://me:p%40ss@a")).toMatchObject({ user: "me", password: "p@ss" });
    expect(serverAddressOf("redis://:p@a")).toMatchObject({ user: "", password: "p" });
  });

  test.each(["", "a", "a:6379", "ftp://a", "redis://a/1", "https://me:p@a"])(
    "is not %j",
    (given) => {
      expect(() => serverAddressOf(given)).toThrow(/.{10}/);
    },
  );

  test.each(["dump.rdb", "./redis", "/tmp/redis:", "C:\\x.rdb"])(
    "is not a file like %j",
    (given) => {
      expect(isServer(given)).toBe(false);
    },
  );
});
