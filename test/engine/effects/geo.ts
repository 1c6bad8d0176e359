// What geo commands of redis-server 7.0 are propagated as.

import { type EffectCase, row } from "../effect-cases.ts";

export const CASES: readonly EffectCase[] = [
  row(
    "GEOADD goes out as zadd",
    "",
    "GEOADD g 13.361389 38.115556 p; GEOADD g CH 1 1 p 180 0.002 e",
    "zadd g 3479099956230698 p | zadd g CH 3377822707026402 p 10133099161911569 e",
  ),
  row(
    "GEOADD that changes nothing goes out as nothing",
    "GEOADD g 13.361389 38.115556 p",
    "GEOADD g 13.361389 38.115556 p; GEOADD g NX 1 1 p; GEOADD g XX 1 1 q",
    "",
  ),
  row(
    "What stores places goes out as it came, where something was stored or deleted",
    "GEOADD g 1 1 a 1.1 1.1 b",
    "GEOSEARCHSTORE d g FROMLONLAT 1 1 BYRADIUS 100 km STOREDIST; " +
      "georadius g 1 1 100 km STORE d; GEORADIUSBYMEMBER g a 100 km STOREDIST d; " +
      "GEOSEARCHSTORE d g FROMLONLAT 9 9 BYRADIUS 1 m; GEOSEARCHSTORE d g FROMLONLAT 9 9 BYRADIUS 1 m",
    "GEOSEARCHSTORE d g FROMLONLAT 1 1 BYRADIUS 100 km STOREDIST | " +
      "georadius g 1 1 100 km STORE d | GEORADIUSBYMEMBER g a 100 km STOREDIST d | " +
      "GEOSEARCHSTORE d g FROMLONLAT 9 9 BYRADIUS 1 m",
  ),
  row(
    "What only reads goes out as nothing",
    "GEOADD g 1 1 a",
    "GEORADIUS g 1 1 1 km; GEOPOS g a",
    "",
  ),
];
