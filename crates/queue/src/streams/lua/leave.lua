-- Ends every lease of a consumer, and the consumer when it has none.
-- KEYS: stream, returned. ARGV: group, consumer, how many leases at once. Returns how many leases there were.
local from, count = '-', 0
repeat
    local leases = redis.call('XPENDING', KEYS[1], ARGV[1], from, '+', ARGV[3], ARGV[2])
    for _, lease in ipairs(leases) do
        redis.call('ZADD', KEYS[2], 'NX', 0, member_of(lease[1]))
        from = '(' .. lease[1]
    end
    count = count + #leases
until #leases < tonumber(ARGV[3])
if count == 0 then redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2]) end
return count
