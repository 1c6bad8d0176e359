import { describe, expect, it } from "vitest";
import {
  distanceKm,
  nearest,
  placeOf,
  placeOfRegion,
  REGION_NAMES,
} from "../../../workers/edge/regions.ts";

const ALL = REGION_NAMES.map((region) => ({ node: region, region }));

const CITIES: readonly (readonly [city: string, latitude: string, longitude: string, string])[] = [
  ["Amsterdam", "52.37", "4.90", "weur"],
  ["Boston", "42.36", "-71.06", "enam"],
  ["Dubai", "25.20", "55.27", "me"],
  ["Hong Kong", "22.32", "114.17", "apac"],
  ["Johannesburg", "-26.20", "28.05", "afr"],
  ["London", "51.51", "-0.13", "weur"],
  ["Melbourne", "-37.81", "144.96", "oc"],
  ["San Francisco", "37.77", "-122.42", "wnam"],
  ["Santiago", "-33.45", "-70.67", "sam"],
  ["Singapore", "1.35", "103.82", "apac-se"],
  ["Tokyo", "35.68", "139.69", "apac-ne"],
  ["Warsaw", "52.23", "21.01", "eeur"],
];

describe("the node next to a caller", () => {
  for (const [city, latitude, longitude, region] of CITIES) {
    it(`in ${city} is the one in ${region}, where there is one everywhere`, () => {
      expect(nearest(placeOf({ latitude, longitude })!, ALL)).toBe(region);
    });
  }

  it("may be on the other side of the date line", () => {
    const fiji = placeOf({ latitude: "-18", longitude: "-179" })!;
    expect(nearest(fiji, ALL)).toBe("oc");
  });

  it("is one of those there are", () => {
    const tokyo = placeOf({ latitude: "35.68", longitude: "139.69" })!;
    const there = ["wnam", "weur"].map((region) => ({ node: region, region }));
    expect(nearest(tokyo, there)).toBe("wnam");
  });

  it("may be the master, where its region is known", () => {
    const boston = placeOf({ latitude: "42.36", longitude: "-71.06" })!;
    const nodes = [
      { node: "master", region: "enam" },
      { node: "weur", region: "weur" },
    ];
    expect(nearest(boston, nodes)).toBe("master");
  });

  it("is never one whose region nobody knows", () => {
    const nodes = [
      { node: "master", region: undefined },
      { node: "backup", region: "backup" },
    ];
    expect(nearest(placeOfRegion("weur")!, nodes)).toBe(undefined);
  });

  it("is the first of several in one region", () => {
    const nodes = ["x", "y"].map((node) => ({ node, region: "me" }));
    expect(nearest(placeOfRegion("afr")!, nodes)).toBe("x");
  });
});

describe("where a caller is", () => {
  it("is what the platform says of the place, or of the continent at least", () => {
    expect(placeOf({ latitude: "1.5", longitude: "-2" })).toEqual({ latitude: 1.5, longitude: -2 });
    expect(nearest(placeOf({ continent: "EU" })!, ALL)).toBe("weur");
    expect(nearest(placeOf({ latitude: "", longitude: "", continent: "SA" })!, ALL)).toBe("sam");
  });

  it("is unknown where it says neither, or nonsense", () => {
    for (const cf of [
      undefined,
      {},
      { continent: "toString" },
      { latitude: "91", longitude: "0" },
    ]) {
      expect(placeOf(cf)).toBe(undefined);
    }
    expect(placeOf({ latitude: "x", longitude: "0", continent: 7 })).toBe(undefined);
  });

  it("is in its own region, for each of them", () => {
    for (const region of REGION_NAMES) {
      expect(nearest(placeOfRegion(region.toUpperCase())!, ALL)).toBe(region);
    }
    expect(placeOfRegion("mars")).toBe(undefined);
  });
});

describe("a distance", () => {
  it("is along the globe: London to New York, and half around it at most", () => {
    const london = { latitude: 51.51, longitude: -0.13 };
    expect(Math.round(distanceKm(london, { latitude: 40.71, longitude: -74.01 }) / 100)).toBe(56);
    const [here, there] = [
      { latitude: 0, longitude: 0 },
      { latitude: 0, longitude: 180 },
    ];
    expect(Math.round(distanceKm(here, there) / 100)).toBe(200);
    expect(distanceKm(here, here)).toBe(0);
  });
});
