/** What `<COMMAND> HELP` answers, in Redis's layout. */
import { type Reply, ReplyError, Status } from "../../resp/reply.ts";
import type { Command, Handler } from "../command.ts";
import { command, NO_KEYS } from "../command.ts";

/** The row for `<name> HELP`; `text` has a form a line, what it does indented below it. */
export function helpRow(
  name: string,
  text: string,
  extras: { categories?: string[] } = {},
): Command {
  return command(`${name}|help`, 2, ["loading", "stale"], NO_KEYS, helpHandler(name, text), extras);
}

/** Answers with the help of a command, for those without rows for their subcommands (DEBUG). */
export function helpHandler(name: string, text: string): Handler {
  const title = name.toUpperCase();
  const lines: Reply[] = [
    new Status(`${title} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`),
    ...text
      .trim()
      .split("\n")
      .map((line) => new Status(line)),
    new Status("HELP"),
    new Status("    Prints this help."),
  ];
  return () => lines;
}

/**
 * Redis's words for a subcommand with arguments it does not take; `name` as the client spelt it.
 */
export function wrongUse(container: string, name: string): ReplyError {
  const help = `${container.toUpperCase()} HELP`;
  return new ReplyError(
    `ERR unknown subcommand or wrong number of arguments for '${name}'. Try ${help}.`,
  );
}
