// The folder that holds the data of a served database: writable, and used by one server at a time.

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";

export type StateFolder = {
  /** For the objects' databases. */
  readonly data: string;
  /** For what is made anew at each start. */
  readonly run: string;
  /** Lets another server have it. */
  release(): Promise<void>;
};

/** Takes the folder, or throws an error whose message says in one line why not. */
export async function takeStateFolder(folder: string): Promise<StateFolder> {
  const data = path.resolve(folder, "data");
  const run = path.resolve(folder, "run");
  const pidFile = path.resolve(folder, "pid");
  try {
    await mkdir(data, { recursive: true });
    await mkdir(run, { recursive: true });
    const probe = path.join(data, ".writable");
    await writeFile(probe, "");
    await rm(probe);
  } catch (error) {
    throw new Error(`the state folder ${folder} cannot be written to (${codeOf(error)})`, {
      cause: error,
    });
  }
  const lock = takeLock(path.resolve(folder, "lock"));
  if (lock === undefined) {
    const owner = await readFile(pidFile, "utf8").catch(() => "unknown");
    throw new Error(`the state folder ${folder} is in use by process ${owner}`);
  }
  await writeFile(pidFile, String(process.pid));
  return {
    data,
    run,
    release: async () => {
      await rm(pidFile, { force: true });
      lock.close();
    },
  };
}

/**
 * A lock that the kernel takes back when the process ends, however it ends. A process number in a file
 * would not do: after a crash or a reboot another program may have it.
 */
function takeLock(file: string): DatabaseSync | undefined {
  const lock = new DatabaseSync(file);
  try {
    lock.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    return lock;
  } catch {
    lock.close();
    return undefined;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
