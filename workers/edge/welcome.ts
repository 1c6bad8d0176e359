/** `GET /`: what this is, for who looks. */
import type { EdgeContext } from "./auth.ts";

const WELCOME = `This is Antipode, a Redis-compatible, replicated key-value store.

  RESP over WebSocket   GET  /resp?node=NAME
  REST                  POST /            ["SET","key","value"]
                        GET  /get/key
                        POST /pipeline    [["SET","a","1"],["GET","a"]]
                        POST /multi-exec  the same, as one transaction
                        GET  /subscribe/CHANNEL  /psubscribe/PATTERN  /monitor   (server-sent events)
  Operations            GET  /health  /v1/topology  /metrics  /v1/nodes/NAME/snapshot

  Documentation         docs/rest.md and README.md of the source
`;

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Antipode</title>
<style>body { font: 16px/1.5 system-ui; max-width: 46em; margin: 3em auto; padding: 0 1em }</style>
<h1>Antipode</h1>
<p>This is the address of a database: a Redis-compatible, replicated key-value store. It is used by
programs, with a token: over REST in the shape of <a
href="https://upstash.com/docs/redis/features/restapi">Upstash's API</a> (any client of theirs works with
this URL), or over RESP on a WebSocket.</p>
<pre>curl -H "Authorization: Bearer TOKEN" SELF/set/greeting/hello
curl -H "Authorization: Bearer TOKEN" SELF/get/greeting
curl -H "Authorization: Bearer TOKEN" SELF -d '["GET","greeting"]'</pre>
<p>More: <code>docs/rest.md</code> and <code>README.md</code> of the source;
<a href="/health">/health</a> says whether the node is well.</p>
</html>
`;

export function welcome(c: EdgeContext): Response {
  const accepts = c.req.header("accept") ?? "";
  if (!accepts.includes("text/html")) return c.text(WELCOME);
  // The host comes from the client: whatever is no letter, digit or dot of it is dropped.
  const { protocol, host } = new URL(c.req.url);
  const self = `${protocol}//${host.replace(/[^a-z0-9.:[\]-]/gi, "")}`;
  return c.html(PAGE.replaceAll("SELF", self), 200, {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    vary: "accept",
  });
}
