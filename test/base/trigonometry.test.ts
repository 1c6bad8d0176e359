// Values that were worked out with 60 digits (Taylor's series), where Math's own are off by the last digit.

import { describe, expect, it } from "vitest";

import { arcsine, cosine, sine } from "../../shared/base/trigonometry.ts";

const SINES: readonly (readonly [number, number])[] = [
  [-0.6673690587549671, -0.6189216514808128],
  [2.388270675844131, 0.6840656485707614],
  [-2.2657686329785967, -0.7680714362142614],
  [0.7406739160382347, 0.6747854242776886],
  [1.72680785084657, 0.9878548661601129],
  [1.789961531937252, 0.9760792862336948],
];
const COSINES: readonly (readonly [number, number])[] = [
  [-2.3587222302591253, -0.7088919024079164],
  [3.03505857721888, -0.9943306103960069],
  [-0.6695883622426193, 0.7840772207451167],
  [-0.6324038589050669, 0.8066089541957867],
  [2.616326566095927, -0.8651905444786356],
  [-2.5470937628265378, -0.8284292709636143],
];
const ARCSINES: readonly (readonly [number, number])[] = [
  [0.545214172810397, 0.5766445791787841],
  [0.6075145583258464, 0.652927769288112],
  [0.8088889770308137, 0.942260032595334],
  [0.5261588673316082, 0.5540772934929633],
  [0.9322479245878484, 1.2005767605420135],
  [0.940226308594535, 1.2232942350556326],
];

describe("rounded to the nearest double", () => {
  it.each(SINES)("the sine of %f", (angle, wanted) => expect(sine(angle)).toBe(wanted));
  it.each(COSINES)("the cosine of %f", (angle, wanted) => expect(cosine(angle)).toBe(wanted));
  it.each(ARCSINES)("the arcsine of %f", (value, wanted) => expect(arcsine(value)).toBe(wanted));
});

describe("at the edges", () => {
  it("is as Math has it", () => {
    for (const x of [0, 1, -1, 0.5, 100, -1000]) {
      expect(sine(x)).toBeCloseTo(Math.sin(x), 15);
      expect(cosine(x)).toBeCloseTo(Math.cos(x), 15);
    }
    for (const x of [0, 1, -1, 0.5]) expect(arcsine(x)).toBeCloseTo(Math.asin(x), 15);
    const none = [sine(Infinity), cosine(-Infinity), sine(NaN), arcsine(1.1), arcsine(NaN)];
    expect(none).toEqual(none.map(() => NaN));
    expect(sine(Math.PI)).toBe(1.2246467991473532e-16);
    expect(cosine(Math.PI / 2)).toBe(6.123233995736766e-17);
    expect(Object.is(sine(-0), -0)).toBe(true);
  });
});
