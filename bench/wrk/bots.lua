-- Bots: a few people's taps again and again, whatever is answered, without any pause.

local here = os.getenv("BENCH_WRK")
dofile(here .. "/report.lua")
dofile(here .. "/taps.lua")

local raws = {}
local turn = 0

function init(args)
  open_taps(args)
  while true do
    local token, raw = next_tap()
    if not token then break end
    table.insert(raws, raw)
  end
  dry = 0
end

function request()
  turn = turn % #raws + 1
  return raws[turn]
end
