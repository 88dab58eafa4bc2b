-- Publishes messages that their streams have not seen lately.
-- KEYS: for each stream itself, whom it has seen, whom it had seen before, and what is held and aside of its offices.
-- ARGV: how many it remembers, the most it may hold, the number of messages, for each its identity, its turn and its text,
-- and for each stream the numbers of its messages, after an `o` where offices share it.
-- Returns 0, or the number of the stream that is full.
local remembered, most, messages = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local wanted = 3 + 3 * messages
local function is_shared(numbers) return string.sub(numbers, 1, 1) == 'o' end
for place = 1, #KEYS / 5 do
    local numbers = ARGV[wanted + place]
    local _, count = string.gsub(numbers, '%d+', '')
    local aside = is_shared(numbers) and waiting(KEYS[5 * place]) or 0
    if redis.call('XLEN', KEYS[5 * place - 4]) + aside + count > most then return place end
end
for place = 1, #KEYS / 5 do
    local first = 5 * place - 4
    local stream, seen, before = KEYS[first], KEYS[first + 1], KEYS[first + 2]
    local numbers = ARGV[wanted + place]
    local shared = is_shared(numbers)
    for number in string.gmatch(numbers, '%d+') do
        local id, turn, text = ARGV[1 + 3 * number], ARGV[2 + 3 * number], ARGV[3 + 3 * number]
        if redis.call('SISMEMBER', before, id) == 0 and redis.call('SADD', seen, id) == 1 then
            add(stream, KEYS[first + 3], KEYS[first + 4], shared and turn or '', text)
        end
    end
    if redis.call('SCARD', seen) >= remembered then redis.call('RENAME', seen, before) end
end
return 0
