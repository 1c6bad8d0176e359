// One line that says what goes on and how far it is: rewritten on a terminal, and elsewhere a line for each
// measurement.

export type Progress = {
  /** A measurement begins; those before it are done. */
  begin(name: string): void;
  /** What it does now. */
  tell(what: string): void;
  /** Takes the line away. */
  end(): void;
};

/** What takes how long on a quiet machine. */
export type Plan = readonly { readonly name: string; readonly seconds: number }[];

const CLEAR_LINE = "\r\u001B[K";
const BAR_CELLS = 20;

export function progressOn(stream: NodeJS.WriteStream, plan: Plan): Progress {
  const startedMs = performance.now();
  let name = "";
  const line = (what: string): string => {
    return progressText(plan, { name, what, seconds: (performance.now() - startedMs) / 1000 });
  };
  const show = (what: string): void => {
    stream.write(`${CLEAR_LINE}${line(what).slice(0, Math.max(0, stream.columns - 1))}`);
  };
  return {
    begin: (next) => {
      name = next;
      if (stream.isTTY) show("");
      else stream.write(`${line("")}\n`);
    },
    tell: (what) => {
      if (stream.isTTY) show(what);
    },
    end: () => {
      if (stream.isTTY) stream.write(CLEAR_LINE);
    },
  };
}

/** As in `[########------------] 38 %  3:20  websocket: GET -c 50 -P 16`. */
export function progressText(
  plan: Plan,
  { name, what, seconds }: { name: string; what: string; seconds: number },
): string {
  const at = plan.findIndex((each) => each.name === name);
  const sum = (some: Plan): number => some.reduce((total, each) => total + each.seconds, 0);
  const share = sum(plan.slice(0, at)) / Math.max(1, sum(plan));
  const filled = Math.round(share * BAR_CELLS);
  const bar = "#".repeat(filled) + "-".repeat(BAR_CELLS - filled);
  const clock = `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
  return `[${bar}] ${Math.floor(share * 100)} %  ${clock}  ${name}${what === "" ? "" : `: ${what}`}`;
}
