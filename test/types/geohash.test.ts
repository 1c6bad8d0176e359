// Places as scores. What redis-server makes of them is in test/spec/geo.txt.

import { describe, expect, it } from "vitest";

import { seededRandom } from "../../shared/base/random.ts";
import { distance } from "../../shared/types/geo-distance.ts";
import {
  decodePoint,
  distanceWithin,
  encodePoint,
  type Point,
  type Shape,
  stretchesOf,
} from "../../shared/types/geohash.ts";

const random = seededRandom(11);

function anywhere(latitudeMax = 85): Point {
  return {
    longitude: (random.next() - 0.5) * 360,
    latitude: (random.next() - 0.5) * 2 * latitudeMax,
  };
}

describe("a score", () => {
  it("stands for a point less than a meter away, and that point for the score", () => {
    for (let i = 0; i < 500; i++) {
      const point = anywhere();
      const score = encodePoint(point);
      expect(distance(point, decodePoint(Number(score)))).toBeLessThan(0.6);
      expect(encodePoint(decodePoint(Number(score)))).toBe(score);
    }
  });

  it("at the eastern edge has more bits than a double", () => {
    expect(encodePoint({ longitude: 180, latitude: 0.002 })).toBe(10133099161911569n);
  });
});

describe("a search", () => {
  const shapes: ((center: Point) => Shape)[] = [0.5, 900, 20_000, 400_000].flatMap((size) => [
    (center: Point): Shape => ({ kind: "circle", center, radius: size }),
    (center: Point): Shape => ({ kind: "box", center, width: size, height: size * 3 }),
  ]);

  it("looks where all points of its shape are", () => {
    for (let i = 0; i < 200; i++) {
      const center = anywhere(60);
      const shape = shapes[i % shapes.length]!(center);
      const reach = shape.kind === "circle" ? shape.radius : shape.height;
      const stretches = stretchesOf(shape);
      for (let j = 0; j < 20; j++) {
        const point = near(center, reach);
        const score = Number(encodePoint(point));
        if (distanceWithin(shape, decodePoint(score)) === undefined) continue;
        expect(stretches.some(({ min, max }) => score >= min && score < max)).toBe(true);
      }
    }
  });

  it("finds what is within, and nothing else", () => {
    const center = { longitude: 10, latitude: 50 };
    const north = { longitude: 10, latitude: 50.1 };
    const meters = distance(center, north);
    expect(distanceWithin({ kind: "circle", center, radius: meters }, north)).toBe(meters);
    expect(distanceWithin({ kind: "circle", center, radius: meters - 1e-6 }, north)).toBe(
      undefined,
    );
    const flat = { kind: "box", center, width: 1e6, height: meters * 1.9 } as const;
    expect(distanceWithin(flat, north)).toBe(undefined);
    expect(distanceWithin({ ...flat, height: meters * 2 }, north)).toBe(meters);
  });
});

/** A point about so many meters around another. */
function near({ longitude, latitude }: Point, meters: number): Point {
  const degrees = meters / 111_000;
  const east = ((random.next() - 0.5) * 2 * degrees) / Math.cos((latitude * Math.PI) / 180);
  const lon = longitude + east;
  return {
    longitude: lon > 180 ? lon - 360 : lon < -180 ? lon + 360 : lon,
    latitude: latitude + (random.next() - 0.5) * 2 * degrees,
  };
}
