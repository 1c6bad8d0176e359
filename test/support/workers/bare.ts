/** An object with storage and nothing else. */
import { DurableObject } from "cloudflare:workers";

export class Node extends DurableObject {}

// oxlint-disable-next-line import/no-default-export
export default { fetch: () => new Response("bare") };
