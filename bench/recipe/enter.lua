-- In Redis: everybody once, then perhaps a unit of the stock. Arguments: person, pack, a random
-- number, the chance.
if redis.call("sadd", "entered", ARGV[1]) == 0 then
  return { "again" }
end
if tonumber(ARGV[3]) >= tonumber(ARGV[4]) then
  return { "missed" }
end
local stock = "stock:" .. ARGV[2]
if tonumber(redis.call("get", stock) or "0") <= 0 then
  return { "missed" }
end
redis.call("decr", stock)
local serial = redis.sha1hex(ARGV[1] .. ARGV[3])
redis.call("hset", "won", ARGV[1], serial)
redis.call("rpush", "events", ARGV[1])
return { "won", ARGV[2], serial }
