/** Pages of other origins: none may use REST until `CORS_ORIGINS` names theirs. */
import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import type { Env } from "../env.ts";

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
];
const PREFLIGHT_KEPT_S = 86_400;

export const crossOrigin: MiddlewareHandler<{ Bindings: Env }> = async (c, next) => {
  const allowed = (c.env.CORS_ORIGINS ?? "").split(",").flatMap((origin) => origin.trim() || []);
  if (allowed.length === 0) return await next();
  const handler = cors({
    origin: allowed.includes("*") ? "*" : allowed,
    allowMethods: ["GET", "HEAD", "POST", "PUT"],
    allowHeaders: HEADERS,
    exposeHeaders: ["upstash-sync-token"],
    maxAge: PREFLIGHT_KEPT_S,
  });
  return await handler(c, next);
};
