/** What we are, and what clients may take us for. */

/** The Redis whose features clients may count on (INFO, HELLO). */
export const REDIS_VERSION = "7.4.0";
/** The same as scripts compare it: one byte a part. */
export const REDIS_VERSION_NUMBER = 0x07_04_00;

/** Our own; package.json says the same. */
export const ANTIPODE_VERSION = "0.1.0";
