/** Subscribers whose user lost channels are let go, as in Redis. */
import type { Engine } from "../engine.ts";
import type { Session } from "../session.ts";
import { isChannelAllowed } from "./check.ts";
import { selectorsOf, type User } from "./user.ts";

/** A user was changed: ends the connections of those who listen to what it may no longer hear. */
export function dropForbiddenListeners(
  engine: Engine,
  { from, to, self }: { readonly from: User; readonly to: User; readonly self: Session },
): void {
  const selectors = selectorsOf(to);
  if (selectors.some(({ allChannels }) => allChannels)) return;
  const allowed = selectors.flatMap(({ channels }) => channels);
  const before = selectorsOf(from);
  const isMore = before.every((selector) => {
    return !selector.allChannels && selector.channels.every((name) => allowed.includes(name));
  });
  if (isMore) return;
  for (const session of engine.sessions.values()) {
    if (session.user !== to.name || session.isNode || mayListen(session, allowed)) continue;
    if (session === self) session.isClosing = true;
    else engine.ports.close(session);
  }
}

function mayListen({ subscriptions }: Session, allowed: readonly string[]): boolean {
  if (subscriptions === undefined) return true;
  const { channels, shardChannels, patterns } = subscriptions;
  for (const name of patterns) {
    if (!isChannelAllowed(allowed, name, { isPattern: true })) return false;
  }
  for (const name of [...channels, ...shardChannels]) {
    if (!isChannelAllowed(allowed, name, { isPattern: false })) return false;
  }
  return true;
}
