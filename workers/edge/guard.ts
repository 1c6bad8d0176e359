/**
 * What a browser can be made to send is not what its user wants: without a password (on loopback), a page
 * from anywhere could reach us, directly or by a name that resolves to 127.0.0.1.
 */
import type { Env } from "../env.ts";

const LOOPBACK_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;
const CROSS = new Set(["cross-site", "same-site"]);

/** The answer to a request that must not be served; undefined for any other. */
export function guard({ headers }: Request, env: Env): Response | undefined {
  const isOpen = env.LOOPBACK === "1" && (env.REDIS_PASSWORD ?? "") === "";
  if (!isOpen) return undefined;
  const origin = headers.get("origin");
  // An image or a link sends no Origin, but browsers say that it comes from another page.
  const isForeign =
    origin === null
      ? CROSS.has(headers.get("sec-fetch-site") ?? "")
      : !LOOPBACK_HOST.test(origin.replace(/^https?:\/\//, ""));
  if (!isForeign && LOOPBACK_HOST.test(headers.get("host") ?? "")) return undefined;
  const error = "NOPERM without a password only local pages and programs are served";
  return Response.json({ error }, { status: 403 });
}
