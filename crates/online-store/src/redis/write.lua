-- Writes states and moves the place, where it is the expected one. KEYS: the place, then entities.
-- ARGV: the expected place, the new one, then a state for each entity. Returns the place that stands afterwards, or
-- before when it is not the expected one; nothing when there is none.
local place = redis.call('GET', KEYS[1])
if place ~= ARGV[1] then
    return place
end
local most = 2000
for first = 2, #KEYS, most do
    local pairs = {}
    for at = first, math.min(first + most - 1, #KEYS) do
        pairs[#pairs + 1] = KEYS[at]
        pairs[#pairs + 1] = ARGV[at + 1]
    end
    redis.call('MSET', unpack(pairs))
end
redis.call('SET', KEYS[1], ARGV[2])
return ARGV[2]
