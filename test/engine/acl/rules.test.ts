// Rules and their descriptions, over the command table of redis-server 7.0.15.

import { describe, expect, it } from "vitest";

import { seededRandom } from "../../../shared/base/random.ts";
import { Catalog } from "../../../shared/engine/acl/catalog.ts";
import { commandRules, describeUser } from "../../../shared/engine/acl/describe.ts";
import { applyRule, mergeSelectors } from "../../../shared/engine/acl/rules.ts";
import { loadUser, saveUser } from "../../../shared/engine/acl/saved.ts";
import { newUser, type User } from "../../../shared/engine/acl/user.ts";
import { Registry } from "../../../shared/engine/registry.ts";
import { AclDraw } from "../../support/random/acl-programs.ts";
import { redisTable } from "../../support/redis-table.ts";

const TABLE = redisTable();
const catalog = new Catalog(new Registry(TABLE));
const cx = { catalog, allChannels: false };

function userWith(...rules: readonly string[]): User {
  const user = newUser("alice", catalog.entries.length, cx);
  for (const rule of rules) expect(applyRule(cx, user, rule)).toBeUndefined();
  return user;
}

function commandsOf(...rules: readonly string[]): string {
  return commandRules(catalog, userWith(...rules).root).join(" ");
}

/** Users by chance: what is wrong in their rules has been passed over. */
function* randomUsers(count: number): Generator<User> {
  const draw = new AclDraw(seededRandom(7), TABLE);
  for (let i = 0; i < count; i++) {
    const user = newUser("alice", catalog.entries.length, cx);
    for (const rule of draw.many(12, () => draw.rule())) applyRule(cx, user, rule);
    yield user;
  }
}

describe("the rules of a selector's commands", () => {
  it.each([
    [["+@all"], "+@all"],
    [["+@all", "-@all"], "-@all"],
    [["+@all", "-@dangerous"], "+@all -@dangerous"],
    [["+@read", "+@write"], "-@all +@write +@read"],
    [["+@hash", "-hset"], "-@all +@hash -hset"],
    [["+get", "+@string", "-@string"], "-@all"],
    [["+config"], "-@all +config"],
    [["+config", "-config|set"], "-@all +config -config|set"],
    [["+config|get"], "-@all +config|get"],
    [["+@all", "-select", "+select|1"], "+@all -select +select|1"],
    [["+select|1", "+SELECT|1", "+select|2"], "-@all +select|1 +select|2"],
    [["+select|1", "+select"], "-@all +select"],
    [["+@admin"], "-@all +@admin"],
  ])("%j are %s", (rules, shown) => {
    expect(commandsOf(...rules)).toBe(shown);
  });

  it("make the same selector again", () => {
    for (const user of randomUsers(300)) {
      const again = userWith(...commandRules(catalog, user.root));
      expect(again.root.allowed).toEqual(user.root.allowed);
      expect(again.root.allowsFuture).toBe(user.root.allowsFuture);
      expect(commandRules(catalog, again.root)).toEqual(commandRules(catalog, user.root));
    }
  });

  it("allow a new command where they began with everything", () => {
    const rules = commandRules(catalog, userWith("+@all", "-@dangerous").root);
    const fewer = new Catalog(new Registry(TABLE.filter(({ name }) => name !== "get")));
    const user = newUser("old", fewer.entries.length, cx);
    for (const rule of rules) applyRule({ catalog: fewer, allChannels: false }, user, rule);
    expect(commandRules(fewer, user.root)).toEqual(["+@all", "-@dangerous"]);
  });
});

describe("a user", () => {
  it("is the same after it was stored and read", () => {
    for (const user of randomUsers(300)) {
      const saved = JSON.parse(JSON.stringify(saveUser(catalog, user))) as never;
      const read = loadUser(catalog, saved);
      expect(describeUser(catalog, read)).toBe(describeUser(catalog, user));
      // Everything allowed one by one is not `allcommands`; what is stored does not tell them apart.
      expect(read.root.allowed).toEqual(user.root.allowed);
    }
  });

  it("has no rule by the name of a property every object has", () => {
    for (const rule of ["constructor", "__proto__", "toString", "+constructor", "+@toString"]) {
      expect(applyRule(cx, userWith(), rule)).toBeDefined();
    }
  });

  it("is read to the first NUL, as in C, but for passwords", () => {
    expect(commandsOf("+get\0x")).toBe("-@all +get");
    expect(userWith("on\0x").isEnabled).toBe(true);
    expect(userWith(">a\0b").passwords).not.toEqual(userWith(">a").passwords);
  });
});

describe("words in parentheses", () => {
  it.each([
    [
      ["on", "(+get", "~x)", "off"],
      ["on", "(+get ~x)", "off"],
    ],
    [["(", "+get", ")"], ["( +get )"]],
    [
      ["(a)", "(b", "c)"],
      ["(a)", "(b c)"],
    ],
    [["(a", "(b", "c)"], ["(b c)"]],
    [["(a", "", "b)"], ["(a  b)"]],
    [["a)"], ["a)"]],
    [[], []],
  ])("%j are the rules %j", (words, rules) => {
    expect(mergeSelectors(words)).toEqual(rules);
  });

  it("that are never closed are shown by where they open", () => {
    expect(mergeSelectors(["on", "(a", "b"])).toEqual({ unmatched: "(a" });
  });
});
