/** Passwords: compared without telling by the time it takes how much was right, and never shown. */
import type { Command } from "./command.ts";

const REDACTED = "(redacted)";
const SECRET_SETTINGS = new Set(["masterauth", "masteruser", "requirepass", "rest-readonly-token"]);

/**
 * Whether two secrets are the same. Takes time that depends on the length of `guess` alone: not on
 * where the two differ, and not on how long the secret is.
 */
export function isSameSecret(secret: string, guess: string): boolean {
  let difference = secret.length ^ guess.length;
  // An index beyond the secret would read NaN on a slower path: wrap around instead.
  const length = Math.max(secret.length, 1);
  for (let i = 0; i < guess.length; i++) {
    difference |= secret.charCodeAt(i % length) ^ guess.charCodeAt(i);
  }
  return difference === 0;
}

/** A command as MONITOR and SLOWLOG may show it: with Redis's `(redacted)` in place of secrets. */
export function redact({ name }: Command, args: readonly string[]): readonly string[] {
  if (name === "auth") return args.map((arg, i) => (i === 0 ? arg : REDACTED));
  if (name === "hello") {
    const at = args.findIndex((arg, i) => i > 1 && arg.toLowerCase() === "auth");
    // Everything behind it: this `auth` may be the name that SETNAME gives, and the next one meant.
    return at < 0 ? args : args.map((arg, i) => (i > at ? REDACTED : arg));
  }
  // The user too, and its rules: among them are passwords.
  if (name === "acl|setuser") return args.map((arg, i) => (i < 2 ? arg : REDACTED));
  if (name === "config|set") {
    return args.map((arg, i) => {
      const isValue = i > 2 && i % 2 === 1;
      return isValue && SECRET_SETTINGS.has(args[i - 1]!.toLowerCase()) ? REDACTED : arg;
    });
  }
  return args;
}
