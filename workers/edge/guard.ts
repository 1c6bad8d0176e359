/**
 * What a browser can be made to send is not what its user wants: without a password (on loopback), a page
 * from anywhere could reach us, directly or by a name that resolves to 127.0.0.1.
 */
import type { MiddlewareHandler } from "hono";
import type { Env } from "../env.ts";

const LOOPBACK_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;
const CROSS = new Set(["cross-site", "same-site"]);

export const guard: MiddlewareHandler<{ Bindings: Env }> = async (c, next) => {
  const isOpen = c.env.LOOPBACK === "1" && (c.env.REDIS_PASSWORD ?? "") === "";
  if (isOpen) {
    const origin = c.req.header("origin");
    const host = c.req.header("host") ?? "";
    // An image or a link sends no Origin, but browsers say that it comes from another page.
    const isForeign =
      origin === undefined
        ? CROSS.has(c.req.header("sec-fetch-site") ?? "")
        : !LOOPBACK_HOST.test(origin.replace(/^https?:\/\//, ""));
    if (isForeign || !LOOPBACK_HOST.test(host)) {
      return c.json(
        { error: "NOPERM without a password only local pages and programs are served" },
        403,
      );
    }
  }
  return await next();
};
