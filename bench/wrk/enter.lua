-- Everybody enters once, as fast as answers come. Answers are counted by wrk itself, not looked at.

local here = os.getenv("BENCH_WRK")
dofile(here .. "/report.lua")
dofile(here .. "/taps.lua")

function init(args)
  open_taps(args)
end

function request()
  local token, raw = next_tap()
  if not token then
    wrk.thread:stop()
    return ask("/", "")
  end
  return raw
end
