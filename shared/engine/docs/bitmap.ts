/** COMMAND DOCS of the group `bitmap`: Redis 7.0's own (BSD license), in the form `parse.ts` reads. */
export const BITMAP_DOCS = `
bitcount 2.6.0
  summary Count set bits in a string
  complexity O(N)
  history 7.0.0 Added the \`BYTE|BIT\` option.
  arguments key:key@0 index:block? ( start:integer end:integer index_unit:oneof?^7.0.0 ( byte:pure-token=BYTE bit:pure-token=BIT ) )
bitfield 3.2.0
  summary Perform arbitrary bitfield integer operations on strings
  complexity O(1) for each subcommand specified
  arguments key:key@0 operation:oneof?* ( encoding_offset:block=GET ( encoding:string offset:integer ) write:block ( wrap_sat_fail:oneof?=OVERFLOW ( wrap:pure-token=WRAP sat:pure-token=SAT fail:pure-token=FAIL ) write_operation:oneof ( encoding_offset_value:block=SET ( encoding:string offset:integer value:integer ) encoding_offset_increment:block=INCRBY ( encoding:string offset:integer increment:integer ) ) ) )
bitfield_ro 6.0.0
  summary Perform arbitrary bitfield integer operations on strings. Read-only variant of BITFIELD
  complexity O(1) for each subcommand specified
  arguments key:key@0 encoding_offset:block?*+=GET ( encoding:string offset:integer )
bitop 2.6.0
  summary Perform bitwise operations between strings
  complexity O(N)
  arguments operation:string destkey:key@0 key:key@1*
bitpos 2.8.7
  summary Find first bit set or clear in a string
  complexity O(N)
  history 7.0.0 Added the \`BYTE|BIT\` option.
  arguments key:key@0 bit:integer index:block? ( start:integer end_index:block? ( end:integer index_unit:oneof?^7.0.0 ( byte:pure-token=BYTE bit:pure-token=BIT ) ) )
getbit 2.2.0
  summary Returns the bit value at offset in the string value stored at key
  complexity O(1)
  arguments key:key@0 offset:integer
setbit 2.2.0
  summary Sets or clears the bit at offset in the string value stored at key
  complexity O(1)
  arguments key:key@0 offset:integer value:integer
`;
