import { describe, expect, it } from "vitest";

import { isSameSecret } from "../../shared/engine/secrets.ts";

describe("a secret", () => {
  it.each([
    ["secret", "secret", true],
    ["secret", "secreT", false],
    ["secret", "Secret", false],
    ["secret", "secre", false],
    ["secret", "secrets", false],
    ["secret", "", false],
    ["secret", "secretsecret", false],
    ["aa", "aaaa", false],
    ["", "", true],
    ["", "\0", false],
    ["", "x", false],
    ["\xff\x00", "\xff\x00", true],
    ["\xff\x00", "\xff\x01", false],
  ])("%j and a guess of %j are the same: %j", (secret, guess, isSame) => {
    expect(isSameSecret(secret, guess)).toBe(isSame);
  });
});
