// The folder that holds the data of a served database: writable, and used by one server at a time.

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";

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
  const lock = path.resolve(folder, "pid");
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
  const owner = Number(await readFile(lock, "utf8").catch(() => ""));
  if (owner > 0 && owner !== process.pid && isAlive(owner)) {
    throw new Error(`the state folder ${folder} is in use by process ${owner}`);
  }
  await writeFile(lock, String(process.pid));
  return { data, run, release: () => rm(lock, { force: true }) };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
