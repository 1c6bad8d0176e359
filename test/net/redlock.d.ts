// redlock 4 comes without types: what the test uses of it.
declare module "redlock" {
  import type { Redis } from "ioredis";

  interface Lock {
    readonly value: string | null;
    unlock(): Promise<void>;
    extend(ttlMs: number): Promise<Lock>;
  }
  export default class Redlock {
    constructor(
      clients: readonly Redis[],
      options?: { retryCount?: number; retryDelay?: number; retryJitter?: number },
    );
    lock(resources: string | readonly string[], ttlMs: number): Promise<Lock>;
  }
}
