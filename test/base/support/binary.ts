import fc from "fast-check";

import { toBinary } from "../../../shared/base/bytes.ts";

/** Any bytes, as a binary string. */
export const binary = fc.uint8Array({ maxLength: 40 }).map((bytes) => toBinary(bytes));
