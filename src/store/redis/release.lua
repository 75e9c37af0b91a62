#!lua flags=allow-oom
-- ARGV: the holder. Answers: 1 applied, 0 fenced.
local old = redis.call('GET', KEYS[1])
if not old or string.sub(old, 1, 25) ~= ARGV[1] or string.byte(old, 26) == 2 then
    return 0
end
redis.call('SETRANGE', KEYS[1], 25, '\1')
return 1
