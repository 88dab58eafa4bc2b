-- Publishes messages that their streams have not seen lately.
-- KEYS: for each stream itself, whom it has seen, and whom it had seen before.
-- ARGV: how many it remembers, the most it may hold, the number of messages, for each its identity and text, and for each
-- stream the numbers of its messages.
-- Returns 0, or the number of the stream that is full.
local remembered, most, messages = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local wanted = 3 + 2 * messages
for place = 1, #KEYS / 3 do
    local _, count = string.gsub(ARGV[wanted + place], '%d+', '')
    if redis.call('XLEN', KEYS[3 * place - 2]) + count > most then return place end
end
for place = 1, #KEYS / 3 do
    local stream, seen, before = KEYS[3 * place - 2], KEYS[3 * place - 1], KEYS[3 * place]
    for number in string.gmatch(ARGV[wanted + place], '%d+') do
        local id, text = ARGV[2 + 2 * number], ARGV[3 + 2 * number]
        if redis.call('SISMEMBER', before, id) == 0 and redis.call('SADD', seen, id) == 1 then
            redis.call('XADD', stream, '*', 'e', text)
        end
    end
    if redis.call('SCARD', seen) >= remembered then redis.call('RENAME', seen, before) end
end
return 0
