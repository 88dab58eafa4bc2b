-- Puts a generation in force, unless another was begun after it. KEYS: the place, the generation that is filled.
-- ARGV: the generation, its place. Returns whether it is in force.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
    return 0
end
redis.call('SET', KEYS[1], ARGV[2])
return 1
