// Programs that may or may not be installed.

import { accessSync, constants } from "node:fs";
import path from "node:path";

/** Whether a program can be found, as the shell would. */
export function isOnPath(program: string): boolean {
  return (process.env["PATH"] ?? "").split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
