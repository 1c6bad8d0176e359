/** C's `%.<digits>g`: so many significant digits, without the zeros at the end. */
export function formatGeneral(value: number, digits: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  if (Number.isInteger(value) && Math.abs(value) < 10 ** digits) {
    return Object.is(value, -0) ? "-0" : String(value);
  }
  const scientific = exponential(value, Math.max(digits, 1));
  const e = scientific.indexOf("e");
  const exponent = Number(scientific.slice(e + 1));
  if (exponent >= -4 && exponent < digits) {
    const fixed = Number(scientific).toFixed(Math.max(digits - 1 - exponent, 0));
    return fixed.includes(".") ? fixed.replace(/\.?0+$/, "") : fixed;
  }
  const mantissa = scientific.slice(0, e);
  const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  const power = String(Math.abs(exponent)).padStart(2, "0");
  return `${short}e${exponent < 0 ? "-" : "+"}${power}`;
}

/** More digits than it takes to see that a number lies just between two shorter ones. */
const DIGITS_MORE = 40;

/** toExponential, but a number just between two others becomes the even one, as in C. */
function exponential(value: number, digits: number): string {
  const rounded = value.toExponential(digits - 1);
  const long = value.toExponential(digits - 1 + DIGITS_MORE);
  const at = long.indexOf("e");
  const end = at - DIGITS_MORE;
  if (!/^50*$/.test(long.slice(end, at))) return rounded;
  const isEven = "02468".includes(long[end - 1] === "." ? long[end - 2]! : long[end - 1]!);
  return isEven ? long.slice(0, end).replace(/\.$/, "") + long.slice(at) : rounded;
}
