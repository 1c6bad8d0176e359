;; What stands between the interpreter and us. `call`, `hook` and `tonumber` go into the interpreter's
;; table of functions, which holds functions of WebAssembly only; `push_texts` and `find_texts` do in one
;; call from JavaScript what would take several for each string. Made into host.wasm by `wat2wasm host.wat`
;; (https://github.com/WebAssembly/wabt).
(module
  (import "lua" "memory" (memory 1))
  (import "lua" "lua_createtable" (func $create_table (param i32 i32 i32)))
  (import "lua" "lua_gettop" (func $top (param i32) (result i32)))
  (import "lua" "lua_isnumber" (func $is_number (param i32 i32) (result i32)))
  (import "lua" "lua_objlen" (func $length (param i32 i32) (result i32)))
  (import "lua" "lua_pushlstring" (func $push_text (param i32 i32 i32)))
  (import "lua" "lua_pushnumber" (func $push_number (param i32 f64)))
  (import "lua" "lua_rawseti" (func $set_at (param i32 i32 i32)))
  (import "lua" "lua_tolstring" (func $text (param i32 i32 i32) (result i32)))
  (import "lua" "lua_tonumber" (func $number (param i32 i32) (result f64)))
  (import "lua" "lua_type" (func $type (param i32 i32) (result i32)))
  (import "host" "call" (func $host_call (param i32 i32 i32) (result i32)))
  (import "host" "hook" (func $host_hook (param i32 i32)))
  (export "hook" (func $host_hook))

  ;; A function of ours is called: its number is its first upvalue.
  (func $call (export "call") (param $state i32) (result i32)
    (call $host_call
      (local.get $state)
      (i32.trunc_f64_s (call $number (local.get $state) (i32.const -10003)))
      (call $top (local.get $state))))

  ;; The same for tonumber, which needs nobody else for one argument that is a number or looks like one.
  (func (export "tonumber") (param $state i32) (result i32)
    (local $value f64)
    (if (i32.eq (call $top (local.get $state)) (i32.const 1))
      (then
        (local.set $value (call $whole (local.get $state)))
        (if (f64.ge (local.get $value) (f64.const 0))
          (then
            (call $push_number (local.get $state) (local.get $value))
            (return (i32.const 1))))
        (if (call $is_number (local.get $state) (i32.const 1))
          (then
            (call $push_number
              (local.get $state)
              (call $number (local.get $state) (i32.const 1)))
            (return (i32.const 1))))))
    (call $call (local.get $state)))

  ;; The first value, if it is a string of at most 15 digits and nothing else; or -1. The interpreter's own
  ;; strtod takes longer for them than a command does.
  (func $whole (param $state i32) (result f64)
    (local $at i32)
    (local $end i32)
    (local $digit i32)
    (local $value i64)
    (if (i32.ne (call $type (local.get $state) (i32.const 1)) (i32.const 4))
      (then (return (f64.const -1))))
    (local.set $at (call $text (local.get $state) (i32.const 1) (i32.const 0)))
    (local.set $end (call $length (local.get $state) (i32.const 1)))
    (if (i32.gt_u (i32.sub (local.get $end) (i32.const 1)) (i32.const 14))
      (then (return (f64.const -1))))
    (local.set $end (i32.add (local.get $end) (local.get $at)))
    (loop $next
      (local.set $digit (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)))
      (if (i32.gt_u (local.get $digit) (i32.const 9))
        (then (return (f64.const -1))))
      (local.set $value
        (i64.add
          (i64.mul (local.get $value) (i64.const 10))
          (i64.extend_i32_u (local.get $digit))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
    (f64.convert_i64_u (local.get $value)))

  ;; Pushes a table of strings. Each stands in memory behind its length, and the next on a multiple of four.
  (func (export "push_texts") (param $state i32) (param $at i32) (param $count i32)
    (local $place i32)
    (local $length i32)
    (call $create_table (local.get $state) (local.get $count) (i32.const 0))
    (loop $next
      (if (i32.lt_u (local.get $place) (local.get $count))
        (then
          (local.set $place (i32.add (local.get $place) (i32.const 1)))
          (local.set $length (i32.load (local.get $at)))
          (local.set $at (i32.add (local.get $at) (i32.const 4)))
          (call $push_text (local.get $state) (local.get $at) (local.get $length))
          (call $set_at (local.get $state) (i32.const -2) (local.get $place))
          (local.set $at
            (i32.and
              (i32.add (i32.add (local.get $at) (local.get $length)) (i32.const 3))
              (i32.const -4)))
          (br $next)))))

  ;; Writes address and length of each of the first values of the stack; of what is no string, 0.
  (func (export "find_texts") (param $state i32) (param $count i32) (param $at i32)
    (local $place i32)
    (loop $next
      (if (i32.lt_u (local.get $place) (local.get $count))
        (then
          (local.set $place (i32.add (local.get $place) (i32.const 1)))
          (i32.store (local.get $at)
            (if (result i32)
              (i32.eq (call $type (local.get $state) (local.get $place)) (i32.const 4))
              (then
                (call $text
                  (local.get $state)
                  (local.get $place)
                  (i32.add (local.get $at) (i32.const 4))))
              (else (i32.const 0))))
          (local.set $at (i32.add (local.get $at) (i32.const 8)))
          (br $next))))))
