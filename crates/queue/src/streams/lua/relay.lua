-- Publishes a stretch of a relay's outbox and moves its place.
-- KEYS: the places, then the streams.
-- ARGV: the relay, where it thinks the queue stands, where it stands afterwards, the most a stream may hold, the number of
-- messages, their texts, and for each stream the numbers of its messages.
-- Returns 0, the number of the stream that is full, or -1 when the queue stands elsewhere.
local relay, most, messages = ARGV[1], tonumber(ARGV[4]), tonumber(ARGV[5])
if (redis.call('HGET', KEYS[1], relay) or '') ~= ARGV[2] then return -1 end
local wanted = 4 + messages
for place = 2, #KEYS do
    local _, count = string.gsub(ARGV[wanted + place], '%d+', '')
    if redis.call('XLEN', KEYS[place]) + count > most then return place - 1 end
end
for place = 2, #KEYS do
    for number in string.gmatch(ARGV[wanted + place], '%d+') do
        redis.call('XADD', KEYS[place], '*', 'e', ARGV[5 + number])
    end
end
redis.call('HSET', KEYS[1], relay, ARGV[3])
return 0
