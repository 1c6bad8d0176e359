/** When a group of commands ends: after everything that is ready now has been read. */
export function afterReady(work: () => void): void {
  setTimeout(work, 0);
}
