/** Pages of other origins: none may use REST until `CORS_ORIGINS` names theirs. */
import type { Env } from "../env.ts";

const METHODS = "GET, HEAD, POST, PUT";
const HEADERS = [
  "authorization",
  "cache-control",
  "content-type",
  "upstash-encoding",
  "upstash-response-format",
  "upstash-sync-token",
  "upstash-telemetry-platform",
  "upstash-telemetry-retry",
  "upstash-telemetry-runtime",
  "upstash-telemetry-sdk",
  "x-antipode-read",
].join(", ");
/** Headers of answers that pages may read. */
const READABLE = [
  "upstash-sync-token",
  ..."role node region history offset lag forwarded".split(" ").map((name) => `x-antipode-${name}`),
].join(", ");
const PREFLIGHT_KEPT_S = "86400";

/** Answers as `next` does, and lets a page read it whose origin is allowed. */
export async function crossOrigin(
  request: Request,
  env: Env,
  next: () => Response | Promise<Response>,
): Promise<Response> {
  const origin = request.headers.get("origin");
  if (origin === null || !isAllowed(origin, env.CORS_ORIGINS ?? "")) return await next();
  const shared = { "access-control-allow-origin": origin, vary: "origin" };
  if (request.method === "OPTIONS" && request.headers.has("access-control-request-method")) {
    const headers = {
      ...shared,
      "access-control-allow-methods": METHODS,
      "access-control-allow-headers": HEADERS,
      "access-control-max-age": PREFLIGHT_KEPT_S,
    };
    return new Response(null, { status: 204, headers });
  }
  const response = await next();
  if (response.webSocket !== null) return response;
  const readable = new Response(response.body, response);
  for (const [name, value] of Object.entries(shared)) readable.headers.append(name, value);
  readable.headers.set("access-control-expose-headers", READABLE);
  return readable;
}

/** `*` stands for every origin. */
function isAllowed(origin: string, origins: string): boolean {
  return origins.split(",").some((each) => each.trim() === "*" || each.trim() === origin);
}
