/** `GET /metrics`: the numbers of every node's INFO, in Prometheus's text format. */
import { nodeNames } from "../env.ts";
import { toRequests } from "../node/requests.ts";
import { type EdgeContext, refuse, tokenOf } from "./auth.ts";
import { runAt } from "./call.ts";

export async function metrics(c: EdgeContext): Promise<Response> {
  const refused = await refuse(c);
  if (refused !== undefined) return refused;
  const caller = { token: tokenOf(c) };
  const lines = new Map<string, string[]>();
  await Promise.all(
    nodeNames(c.env).map(async (node) => {
      const options = { caller, format: "text", shape: "one" } as const;
      const call = { requests: toRequests([["INFO"]]), options, isRepeatable: true };
      const { admission, body } = await runAt(c.env, node, call);
      // By CONFIG SET a node may have a password of its own: then the others are shown.
      if (admission !== "admitted") return;
      const { result } = JSON.parse(body as string) as { readonly result: string };
      for (const line of result.split("\r\n")) addLine(lines, node, line);
    }),
  );
  const names = [...lines.keys()].sort();
  return c.text(names.flatMap((name) => lines.get(name)!).join("\n") + "\n");
}

/** One INFO line that is a number becomes one sample; the rest is for people. */
function addLine(lines: Map<string, string[]>, node: string, line: string): void {
  const [, field, value] = /^([a-z0-9_]+):(-?\d+(?:\.\d+)?)$/.exec(line) ?? [];
  if (field === undefined) return;
  const name = `antipode_${field}`;
  const sample = `${name}{node="${node}"} ${value}`;
  lines.set(name, [...(lines.get(name) ?? []), sample]);
}
