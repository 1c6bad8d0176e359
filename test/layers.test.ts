// Holds the source to its layers, and shared/ to being a pure function.

import { globSync, readFileSync } from "node:fs";
import path from "node:path";

import { describe, expect, test } from "vitest";

import { violations } from "./support/layers.ts";

const ROOT = path.resolve(import.meta.dirname, "..");
const FILES = globSync("{workers,shared,scripts}/**/*.{ts,mjs}", { cwd: ROOT }).toSorted();

describe("the source", () => {
  test("is found", () => {
    expect(FILES).toContain("scripts/lib/run.mjs");
  });

  test("imports down the layers only, and shared/ has no clock, chance, wait or platform", () => {
    const found = FILES.flatMap((file) =>
      violations(file, readFileSync(path.join(ROOT, file), "utf8")),
    );
    expect(found).toEqual([]);
  });
});

describe("imports", () => {
  const REFUSED = [
    ["up", "shared/base/glob.ts", `import { a } from "../resp/reply.ts";`],
    ["up, of a type", "shared/types/list.ts", `import type { A } from "../engine/a.ts";`],
    ["up, over many lines", "shared/rdb/a.ts", `import {\n  a,\n} from "../engine/a.ts";`],
    ["up, re-exported", "shared/rdb/a.ts", `export * from '../engine/a.ts';`],
    ["up, for its effects", "shared/rdb/a.ts", `import "../engine/a.ts";`],
    ["up, inside a type", "shared/rdb/a.ts", `let a: import("../engine/a.ts").A;`],
    ["up, with the extension forgotten", "shared/rdb/a.ts", `import { a } from "../engine/a";`],
    [
      "of the Worker from shared/",
      "shared/engine/a.ts",
      `import { a } from "../../workers/env.ts";`,
    ],
    ["of a package from shared/", "shared/base/a.ts", `import { Hono } from "hono";`],
    ["of Node from shared/", "shared/base/a.ts", `import { join } from "node:path";`],
    ["of Cloudflare from shared/", "shared/base/a.ts", `import { env } from "cloudflare:workers";`],
    ["of the Worker from a script", "scripts/a.ts", `import { a } from "../workers/env.ts";`],
    ["of a test from a script", "scripts/a.ts", `import { a } from "../test/support/a.ts";`],
    ["of a script from the Worker", "workers/a.ts", `import { a } from "../scripts/a.ts";`],
    ["of a folder without a layer", "shared/engine/a.ts", `import { a } from "../misc/a.ts";`],
    ["from a folder without a layer", "shared/misc/a.ts", `import { a } from "../base/a.ts";`],
  ] as const;

  test.each(REFUSED)("%s are refused", (_, file, source) => {
    expect(violations(file, source)).toHaveLength(1);
  });

  const ALLOWED = [
    ["down", "shared/engine/a.ts", `import { a } from "../base/a.ts";`],
    ["within a layer", "shared/engine/commands/a.ts", `import { a } from "../a.ts";`],
    ["of packages from the Worker", "workers/edge/a.ts", `import { Hono } from "hono";`],
    ["of shared/ from a script", "scripts/a.ts", `import { a } from "../shared/resp/a.ts";`],
    ["of Node from a script", "scripts/a.ts", `import { join } from "node:path";`],
    ["in a comment", "shared/base/a.ts", `// import { a } from "../engine/a.ts";`],
    ["in a string", "shared/base/a.ts", `const a = 'import { a } from "../engine/a.ts"';`],
    ["that only look like it", "shared/base/a.ts", `const a = Array.from("../engine/a.ts");`],
  ] as const;

  test.each(ALLOWED)("%s are allowed", (_, file, source) => {
    expect(violations(file, source)).toEqual([]);
  });
});

describe("shared/", () => {
  const FILE = "shared/base/a.ts";

  test("is told the line", () => {
    expect(violations(FILE, "\n\nconst a = Date.now();")).toEqual([`${FILE}:3: says Date.now`]);
  });

  const REFUSED = [
    "async function a() {}",
    "const a = (await b);",
    "let a: Promise<void>;",
    "Date.now()",
    "Date\n  .now()",
    "new Date()",
    "new Date",
    "Math.random()",
    "performance.now()",
    "setTimeout(f, 1)",
    "crypto.getRandomValues(a)",
    "console.log(a)",
    "`${Date.now()}`",
    "`${`${{ a: Date.now() }}`}`",
    "a / b; Date.now(); c / d",
    "/[/*]/.test(a); Date.now() /* */",
    "'\\''; Date.now(); ''",
    "return /'/.test(a) || Date.now(); // '",
  ] as const;

  test.each(REFUSED)("may not say %j", (source) => {
    expect(violations(FILE, source)).toHaveLength(1);
  });

  const ALLOWED = [
    "// async, await and Date.now() are banned",
    "/* Math.random()\n * new Date() */",
    "'setTimeout('",
    '"say \\"console.log\\""',
    "`await ${a} async`",
    "/Date.now()/.test(a)",
    "/[/]async/",
    "asyncFlush + updateDate.nowMs + awaited",
    "cx.nowMs",
  ] as const;

  test.each(ALLOWED)("may say %j", (source) => {
    expect(violations(FILE, source)).toEqual([]);
  });

  test("alone is bound by this", () => {
    expect(violations("workers/node/a.ts", "await storage.get(Date.now());")).toEqual([]);
  });
});
