// When the bootstrap installs, and what the files it installs from must be like.

import { readFileSync } from "node:fs";
import path from "node:path";

import { describe, expect, test } from "vitest";

import { isSatisfied } from "../../../scripts/lib/install.mjs";

const ROOT = path.resolve(import.meta.dirname, "../../..");

describe("node_modules satisfies package-lock.json", () => {
  const ROWS = [
    [true, "when the same packages are in both", { a: { version: "1" } }, { a: { version: "1" } }],
    [true, "without the root package", { "": { version: "1" } }, {}],
    [true, "without a binary of another platform", { a: { version: "1", optional: true } }, {}],
    [
      true,
      "where no checksum is known",
      { a: { version: "1" } },
      { a: { version: "1", integrity: "x" } },
    ],
    [false, "not when a package is missing", { a: { version: "1" } }, {}],
    [false, "not when one is too many", {}, { a: { version: "1" } }],
    [false, "not in another version", { a: { version: "1" } }, { a: { version: "2" } }],
    [false, "not with other contents", { a: { integrity: "x" } }, { a: { integrity: "y" } }],
    [
      false,
      "not with another optional",
      { a: { version: "1", optional: true } },
      { a: { version: "2" } },
    ],
  ] as const;

  test.each(ROWS)("%s: %s", (isSame, _, wanted, installed) => {
    expect(isSatisfied(wanted, installed)).toBe(isSame);
  });
});

type Manifest = {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  allowScripts: Record<string, boolean>;
};
type Locked = {
  version?: string;
  hasInstallScript?: boolean;
  optionalDependencies?: Record<string, string>;
};

describe("package.json and package-lock.json", () => {
  const manifest = read<Manifest>("package.json");
  const lock = read<{ packages: Record<string, Locked> }>("package-lock.json");
  const packages = Object.entries(lock.packages);

  test("pin every version exactly", () => {
    const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });

  test("name no registry, so that each machine uses its own", () => {
    expect(JSON.stringify(lock)).not.toMatch(/"resolved"|registry\./);
  });

  test("approve exactly the install scripts there are", () => {
    const names = packages
      .filter(([, { hasInstallScript }]) => hasInstallScript === true)
      .map(([where]) => where.replace(/^.*node_modules\//, ""));
    expect(new Set(names)).toEqual(new Set(Object.keys(manifest.allowScripts)));
  });

  // npm leaves out those its registry did not have, and `npm ci` then refuses the file elsewhere.
  test("list the binaries for every platform", () => {
    const missing = packages.flatMap(([where, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => {
        return ![`${where}/node_modules/${name}`, `node_modules/${name}`].some(
          (at) => at in lock.packages,
        );
      }),
    );
    expect(missing).toEqual([]);
  });
});

function read<Shape>(file: string): Shape {
  return JSON.parse(readFileSync(path.join(ROOT, file), "utf8")) as Shape;
}
