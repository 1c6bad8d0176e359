/** What makes a request the same as an earlier one: the SDK does not number its requests. */
import { toBinary } from "../../shared/base/bytes.ts";
import type { Repeat } from "../node/outcomes.ts";
import type { EdgeContext } from "./auth.ts";

/**
 * The caller (token and address), what it has seen (its sync token, which every write of its own changes),
 * and what it asks for. Callers that do not keep sync tokens may well ask for the same twice and mean it.
 */
const HEADERS = [
  "authorization",
  "cf-connecting-ip",
  "upstash-sync-token",
  "upstash-encoding",
  "upstash-response-format",
] as const;

export async function repeatOf(c: EdgeContext, body: Uint8Array): Promise<Repeat> {
  const { raw } = c.req;
  const about = [raw.method, raw.url, ...HEADERS.map((name) => raw.headers.get(name) ?? "")];
  const head = new TextEncoder().encode(JSON.stringify(about));
  const whole = new Uint8Array(head.byteLength + body.byteLength);
  whole.set(head);
  whole.set(body, head.byteLength);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
  return {
    key: toBinary(digest),
    isRepeated: raw.headers.has("upstash-telemetry-retry"),
    isCommon: (raw.headers.get("upstash-sync-token") ?? "") === "",
  };
}
