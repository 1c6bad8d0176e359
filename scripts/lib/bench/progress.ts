// One line that says what goes on: rewritten on a terminal, and elsewhere a line for each measurement.

export type Progress = {
  /** A measurement begins. */
  begin(name: string): void;
  /** What it does now. */
  tell(what: string): void;
  /** Takes the line away. */
  end(): void;
};

const CLEAR_LINE = "\r\u001B[K";

export function progressOn(stream: NodeJS.WriteStream): Progress {
  let name = "";
  const show = (text: string): void => {
    stream.write(`${CLEAR_LINE}${text.slice(0, Math.max(0, stream.columns - 1))}`);
  };
  return {
    begin: (next) => {
      name = next;
      if (stream.isTTY) show(name);
      else stream.write(`bench: ${name}\n`);
    },
    tell: (what) => {
      if (stream.isTTY) show(`${name}: ${what}`);
    },
    end: () => {
      if (stream.isTTY) stream.write(CLEAR_LINE);
    },
  };
}
