// Keyspace notifications as commands ask for them, whoever listens.

import type { EngineHarness } from "../../../support/engine.ts";

/** Grows with every event from now on: its class, its name, and the key. */
export function eventsOf({ engine }: EngineHarness): string[] {
  const told: string[] = [];
  const { notifications } = engine;
  Object.defineProperty(notifications, "isOn", { value: true });
  notifications.notify = (kind, event, { name }) => void told.push(`${kind} ${event} ${name}`);
  return told;
}
