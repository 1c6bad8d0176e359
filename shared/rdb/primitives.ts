/** How RDB writes lengths, strings and numbers. */
export * from "../base/rdb-primitives.ts";
