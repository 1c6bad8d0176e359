/** C's `%.<digits>g`: so many significant digits, without the zeros at the end. */
export function formatGeneral(value: number, digits: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const scientific = value.toExponential(Math.max(digits, 1) - 1);
  const e = scientific.indexOf("e");
  const exponent = Number(scientific.slice(e + 1));
  if (exponent >= -4 && exponent < digits) {
    const fixed = value.toFixed(Math.max(digits - 1 - exponent, 0));
    return fixed.includes(".") ? fixed.replace(/\.?0+$/, "") : fixed;
  }
  const mantissa = scientific.slice(0, e);
  const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  const power = String(Math.abs(exponent)).padStart(2, "0");
  return `${short}e${exponent < 0 ? "-" : "+"}${power}`;
}
