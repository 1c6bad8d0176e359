// Memory of a server: all processes of its group, each page that several share counted once.

import { readdirSync, readFileSync } from "node:fs";

const POLL_MS = 50;

/** Bytes, as the kernel divides them (Pss); 0 where the group is gone. */
export function groupBytes(group: number): number {
  let bytes = 0;
  for (const pid of readdirSync("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      if (groupOf(readFileSync(`/proc/${pid}/stat`, "latin1")) !== group) continue;
      bytes += pssOf(readFileSync(`/proc/${pid}/smaps_rollup`, "latin1"));
    } catch {
      // It ended while we looked.
    }
  }
  return bytes;
}

/** The process group in a line of /proc/PID/stat; the name before it may hold anything. */
export function groupOf(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]);
}

/** Bytes in the text of /proc/PID/smaps_rollup. */
export function pssOf(rollup: string): number {
  return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0) * 1024;
}

/** The most that each group had while the work ran, looked at every now and then. */
export async function peaksDuring(
  groups: readonly number[],
  work: () => Promise<void>,
): Promise<number[]> {
  const peaks = groups.map(groupBytes);
  const look = (): void => {
    groups.forEach((group, i) => (peaks[i] = Math.max(peaks[i]!, groupBytes(group))));
  };
  const timer = setInterval(look, POLL_MS);
  try {
    await work();
    look();
  } finally {
    clearInterval(timer);
  }
  return peaks;
}
