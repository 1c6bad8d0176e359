/** What makes a request the same as an earlier one: the SDK does not number its requests. */
import { fromBinary, toBinary } from "../../shared/base/bytes.ts";
import { sha256Hex } from "../../shared/base/sha256.ts";
import type { Shape } from "../node/answers.ts";
import type { Repeat } from "../node/outcomes.ts";
import type { Requests } from "../node/requests.ts";
import type { EdgeContext } from "./auth.ts";

/**
 * The caller (token and address), what it has seen (its sync token, which every write of its own changes),
 * and what it asks for. Callers that do not keep sync tokens may well ask for the same twice and mean it.
 */
const HEADERS = [
  "upstash-sync-token",
  "authorization",
  "cf-connecting-ip",
  "upstash-encoding",
  "upstash-response-format",
] as const;

/** Of longer requests the platform makes the digest faster, though it takes buffers to and fro. */
const OWN_DIGEST_CHARS = 2048;

export async function repeatOf(
  c: EdgeContext,
  { requests, shape }: { readonly requests: Requests; readonly shape: Shape },
): Promise<Repeat> {
  const { headers, url } = c.req.raw;
  const values = HEADERS.map((name) => headers.get(name) ?? "");
  // A token and a node may be named there.
  const query = url.slice((url + "?").indexOf("?"));
  // The values of headers, and what is in a URL, are bytes.
  const about = JSON.stringify([...values, query, shape, requests.refused]) + requests.resp;
  return {
    key: about.length <= OWN_DIGEST_CHARS ? sha256Hex(about) : await digestOf(about),
    isRepeated: headers.has("upstash-telemetry-retry"),
    isCommon: values[0] === "",
  };
}

async function digestOf(binary: string): Promise<string> {
  return toBinary(new Uint8Array(await crypto.subtle.digest("SHA-256", fromBinary(binary))));
}
