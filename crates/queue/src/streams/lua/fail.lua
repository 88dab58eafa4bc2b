-- Ends a lease and counts a failure: the message is due after a wait, or goes to the dead letters.
-- KEYS: stream, returned, attempts, dead, held, aside.
-- ARGV: group, consumer, id, the error, now, the first wait, the longest wait, the most failures.
-- Returns the number of failures and when the message is due (0: never); nothing when the lease is not held.
local stream, returned, attempts, dead = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local id, now, most = ARGV[3], tonumber(ARGV[5]), tonumber(ARGV[8])
if lease_of(stream, ARGV[1], id) ~= ARGV[2] then return {} end
local failures = redis.call('HINCRBY', attempts, id, 1)
if failures >= most then
    bury(stream, returned, attempts, dead, KEYS[5], KEYS[6], ARGV[1], id, failures, ARGV[4], ARGV[5])
    return { failures, 0 }
end
local due = now + math.min(tonumber(ARGV[6]) * 2 ^ (failures - 1), tonumber(ARGV[7]))
redis.call('ZADD', returned, string.format('%.0f', due), member_of(id))
return { failures, due }
