/**
 * The world a script sees: Redis's globals, read-only, and nothing else. Redis patches its Lua so that
 * tables can be frozen; this Lua is the plain one, so a script gets an empty table whose metatable
 * leads to the frozen one, and the functions that go around metatables know of it.
 */

/**
 * Runs once in a new machine; gets the table of our functions, and returns what `Interpreter` keeps:
 * the error handler, the frozen tables by what scripts see of them, `redis`, the metatable of the globals
 * as scripts see them, what stands behind it while a library is loaded, those globals and what stands
 * behind them, the metatable of strings, and Lua's string.format.
 */
export const SANDBOX = `
local host = ...
local setmetatable, getmetatable, pairs, type = setmetatable, getmetatable, pairs, type
local getmetatable_of = debug.getmetatable
local getinfo = debug.getinfo

local function on_error(err)
  local level = 2
  local at = getinfo(level, 'nSl')
  while at and at.source == '@sandbox' do
    level = level + 1
    at = getinfo(level, 'nSl')
  end
  if at and at.what == 'C' then at = getinfo(level + 1, 'nSl') end
  if type(err) ~= 'table' then err = {err = 'ERR ' .. tostring(err)} end
  if at then
    err.source = at.source
    err.line = at.currentline
  end
  return err
end

local frozen = {}
local function freeze(real, shown)
  local proxy = {}
  frozen[proxy] = real
  return setmetatable(proxy, {
    __index = real, __newindex = host.refuse_change, __metatable = shown or false
  })
end

local format = string.format
local G = {}
for name in string.gmatch([[_VERSION assert collectgarbage coroutine error gcinfo ipairs math rawequal
    select string table tostring type unpack]], '%S+') do
  G[name] = _G[name]
end
for name in string.gmatch([[getmetatable load loadstring next pairs pcall rawget rawset setmetatable tonumber
    xpcall]], '%S+') do
  G[name] = host[name]
end
math.random, math.randomseed = host.random, host.randomseed
math.mod, string.gfind = math.fmod, string.gmatch
string.format, string.rep = host.format, host.rep
table.insert = host.insert
G.redis = host.redis
for name, library in pairs(host.libraries) do G[name] = library end
for name, value in pairs(G) do
  if type(value) == 'table' then G[name] = freeze(value) end
end
local string_meta = getmetatable('')
string_meta.__index = G.string
G.__redis__err__handler = on_error
local meta = {__index = host.refuse_missing}
setmetatable(G, meta)
local global = freeze(G, freeze(meta))
local global_meta = getmetatable_of(global)
G._G = global

local at_load = {log = host.redis.log, register_function = host.register_function}
for name, value in pairs(host.redis) do
  if type(value) ~= 'function' and not string.find(name, '^REPL_') then at_load[name] = value end
end
local load_globals = setmetatable({redis = freeze(setmetatable(at_load, meta))}, meta)
return on_error, frozen, host.redis, global_meta, load_globals, global, G, freeze(string_meta),
  format
`;
