// Ends the output with one plain line, `12 passed, 0 failed`, for people and CI to grep.

import process from "node:process";

import type { Reporter, SerializedError, TestModule } from "vitest/node";

export default class SummaryReporter implements Reporter {
  #passed = 0;
  #failed = 0;
  #skipped = 0;

  /** At the very end, because vitest itself goes on printing after the last test. */
  onInit(): void {
    process.once("exit", () => process.stdout.write(`${this.#summary()}\n`));
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    this.#passed = 0;
    this.#failed = errors.length;
    this.#skipped = 0;
    for (const module of modules) this.#count(module);
  }

  /** A file that does not even load has no tests, so it counts as one that failed. */
  #count(module: TestModule): void {
    let failed = 0;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === "passed") this.#passed++;
      else if (state === "failed") failed++;
      else this.#skipped++;
    }
    this.#failed += failed === 0 && module.state() === "failed" ? 1 : failed;
  }

  /** Whatever else may have gone wrong, a run that ends badly never says that nothing failed. */
  #summary(): string {
    const isBad = process.exitCode !== undefined && Number(process.exitCode) !== 0;
    const failed = isBad && this.#failed === 0 ? 1 : this.#failed;
    const skipped = this.#skipped === 0 ? "" : `, ${this.#skipped} skipped`;
    return `${this.#passed} passed, ${failed} failed${skipped}`;
  }
}
