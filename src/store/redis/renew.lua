#!lua flags=allow-oom
-- ARGV: the holder; the lease in ms. Answers: 1 applied, 0 fenced.
local old = redis.call('GET', KEYS[1])
if not old or string.sub(old, 1, 25) ~= ARGV[1] or string.byte(old, 26) ~= 0 then
    return 0
end
local gap = redis.call('PTTL', KEYS[1]) - ARGV[2]
if gap < 0 then
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
    gap = 0
end
redis.call('SETRANGE', KEYS[1], 31, struct.pack('>I8I8', gap, ARGV[2]))
return 1
