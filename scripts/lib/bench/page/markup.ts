// HTML and SVG as strings.

export type Attributes = Readonly<Record<string, string | number>>;

/** An element; children are markup already. */
export function el(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${text(value)}"`);
  return `<${name}${given.join("")}>${children.join("")}</${name}>`;
}

/** Text that is not markup. */
export function text(value: string | number): string {
  return String(value)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** A coordinate: a tenth of a pixel is enough. */
export const px = (value: number): string => String(Math.round(value * 10) / 10);

/** 1000 → 1K; for axes. */
export function short(value: number): string {
  for (const [unit, size] of [
    ["M", 1e6],
    ["K", 1e3],
  ] as const) {
    if (value >= size) return `${Number((value / size).toPrecision(3))}${unit}`;
  }
  return String(Number(value.toPrecision(2)));
}
