/** Gives the value of a key, an empty one if it is no string, and the server's time in seconds and microseconds. */
export const READ = `
local value = redis.pcall('GET', KEYS[1])
if type(value) == 'table' then value = '' end
local time = redis.call('TIME')
return { value, time[1], time[2] }`;

/** Gives the time of the server that keeps a key. */
export const TIME = `return redis.call('TIME')`;

/** Sets a key for so many milliseconds. */
export const WRITE = `return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])`;

/** Removes a key; with an argument, only if it still holds that. */
export const REMOVE = `
if not ARGV[1] or redis.pcall('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

/**
 * Sets a key for so many milliseconds unless another holds it. It holds for its owner, because ioredis sends a command
 * once more when the connection broke before the answer. A value that is no string, never ends or lasts longer than any
 * lease is replaced, because everybody would wait for it.
 */
export const ACQUIRE = `
local owner = redis.pcall('GET', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if type(owner) == 'table' or owner == ARGV[1] or left < 0 or left > tonumber(ARGV[3]) then
  return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end`;
