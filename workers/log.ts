/** Lines for the operator: one JSON object each, on the platform's own log. Never a key or a secret. */
type Fields = Readonly<Record<string, string | number | boolean>>;

export function logEvent(event: string, fields: Fields = {}): void {
  console.log(JSON.stringify({ event, ...fields }));
}

export function logFailure(event: string, fields: Fields = {}): void {
  console.error(JSON.stringify({ event, ...fields }));
}
