/** COMMAND DOCS of the group `hyperloglog`: Redis 7.0's own (BSD license), in the form `parse.ts` reads. */
export const HYPERLOGLOG_DOCS = `
pfadd 2.8.9
  summary Adds the specified elements to the specified HyperLogLog.
  complexity O(1) to add every element.
  arguments key:key@0 element:string?*
pfcount 2.8.9
  summary Return the approximated cardinality of the set(s) observed by the HyperLogLog at key(s).
  complexity O(1) with a very small average constant time when called with a single key. O(N) with N being the number of keys, and much bigger constant times, when called with multiple keys.
  arguments key:key@0*
pfdebug 2.8.9 syscmd
  summary Internal commands for debugging HyperLogLog values
  complexity N/A
  arguments subcommand:string key:key@0
pfmerge 2.8.9
  summary Merge N different HyperLogLogs into a single one.
  complexity O(N) to merge N HyperLogLogs, but with high constant times.
  arguments destkey:key@0 sourcekey:key@1*
pfselftest 2.8.9 syscmd
  summary An internal command for testing HyperLogLog values
  complexity N/A
`;
