-- Publishes a stretch of a relay's outbox and moves its place.
-- KEYS: the places, then for each stream itself and what is held and aside of its offices.
-- ARGV: the relay, where it thinks the queue stands, where it stands afterwards, the most a stream may hold, the number of
-- messages, their turns and texts, and for each stream the numbers of its messages, after an `o` where offices share it.
-- Returns 0, the number of the stream that is full, or -1 when the queue stands elsewhere.
local relay, most, messages = ARGV[1], tonumber(ARGV[4]), tonumber(ARGV[5])
if (redis.call('HGET', KEYS[1], relay) or '') ~= ARGV[2] then return -1 end
local wanted, streams = 5 + 2 * messages, (#KEYS - 1) / 3
local function is_shared(numbers) return string.sub(numbers, 1, 1) == 'o' end
for place = 1, streams do
    local numbers = ARGV[wanted + place]
    local _, count = string.gsub(numbers, '%d+', '')
    local aside = is_shared(numbers) and waiting(KEYS[3 * place + 1]) or 0
    if redis.call('XLEN', KEYS[3 * place - 1]) + aside + count > most then return place end
end
for place = 1, streams do
    local numbers = ARGV[wanted + place]
    local shared = is_shared(numbers)
    for number in string.gmatch(numbers, '%d+') do
        local turn, text = ARGV[4 + 2 * number], ARGV[5 + 2 * number]
        if shared then
            add(KEYS[3 * place - 1], KEYS[3 * place], KEYS[3 * place + 1], turn, text)
        else
            redis.call('XADD', KEYS[3 * place - 1], '*', 'e', text)
        end
    end
end
redis.call('HSET', KEYS[1], relay, ARGV[3])
return 0
