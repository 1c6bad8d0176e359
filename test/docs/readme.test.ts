// README and ARCHITECTURE say what is so.

import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SETTINGS } from "../../shared/engine/settings.ts";

const ROOT = new URL("../../", import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, ROOT), "utf8");

describe("README", () => {
  it("has a row for each setting that is ours or differs from Redis, with its default", () => {
    const rows = SETTINGS.filter(({ about }) => about !== "").map((setting) => {
      const value = setting.default === "" ? "" : `\`${setting.default}\``;
      return `| \`${setting.name}\` | ${value} | ${setting.about} |`;
    });
    const table = read("README.md").split("## Settings")[1]!.split("\n## ")[0]!;
    const shown = table.split("\n").filter((line) => line.startsWith("| `"));
    // The formatter pads the columns.
    const trim = (line: string): string => line.replaceAll(/\s+/g, " ");
    expect(shown.map(trim)).toEqual(rows.map(trim));
  });

  it("names only npm scripts that exist", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const named = [...read("README.md").matchAll(/npm run ([a-z]+)/g)].map(([, name]) => name!);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
    const programs = Object.values(scripts).flatMap(
      (line) => /run\.mjs (\S+\.ts)/.exec(line)?.[1] ?? [],
    );
    expect(programs.filter((program) => !existsSync(new URL(program, ROOT)))).toEqual([]);
  });
});

describe("ARCHITECTURE", () => {
  const text = read("ARCHITECTURE.md");

  it("stays within 150 lines", () => {
    expect(text.split("\n").length).toBeLessThanOrEqual(150);
  });

  it("names only files that exist", () => {
    const order = text.split("## Reading order")[1]!.split("\n## ")[0]!;
    const missing: string[] = [];
    let folder = "";
    for (const [, name] of order.matchAll(/`([a-z/-]+\.ts)`/g)) {
      if (name!.includes("/")) folder = name!.slice(0, name!.lastIndexOf("/") + 1);
      const file = name!.includes("/") ? name! : folder + name!;
      if (!existsSync(new URL(file, ROOT))) missing.push(file);
    }
    expect(missing).toEqual([]);
  });
});
