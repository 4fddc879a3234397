-- Entering and reading, for nginx: the pass, the place, then one script in Redis.

local cjson = require("cjson.safe")
local redis = require("nginx.redis")
local secret = os.getenv("RECIPE_SECRET")
local socket = "unix:@home@/redis.sock"
local script = "@script@"
local south, north, west, east = 29.0, 33.3, 108.3, 116.2
local max_age = 300

local function refuse(status, code)
  ngx.status = status
  ngx.say(cjson.encode({ code = code }))
  return ngx.exit(ngx.HTTP_OK)
end

local function caller()
  local header = ngx.var.http_authorization or ""
  local who, mac = header:match("^Bearer (%d+)%.(%S+)$")
  if not who or ngx.encode_base64(ngx.hmac_sha1(secret, who)) ~= mac then
    return nil
  end
  return who
end

local function connect()
  local line = redis:new()
  line:set_timeout(5000)
  local ok, err = line:connect(socket)
  if not ok then
    ngx.log(ngx.ERR, err)
    return nil
  end
  return line
end

function enter()
  local who = caller()
  if not who then return refuse(401, "unauthenticated") end
  ngx.req.read_body()
  local tap = cjson.decode(ngx.req.get_body_data() or "")
  if not tap or type(tap.location) ~= "table" or type(tap.pack) ~= "number"
    or not tap.client_nonce or #tap.client_nonce ~= 32 then
    return refuse(400, "malformed")
  end
  local at = tap.location
  if not (at.lat >= south and at.lat <= north and at.lng >= west and at.lng <= east) or at.mocked then
    return refuse(403, "outside")
  end
  local line = connect()
  if not line then return refuse(503, "busy") end
  local answer, err = line:evalsha(script, 0, who, tap.pack, math.random(), @chance@)
  if not answer then
    ngx.log(ngx.ERR, err)
    return refuse(503, "busy")
  end
  line:set_keepalive(60000, 256)
  if answer[1] == "again" then return refuse(409, "already_entered") end
  ngx.say(cjson.encode({ state = answer[1], tier = answer[2], serial = answer[3] }))
end

function read()
  local who = caller()
  if not who then return refuse(401, "unauthenticated") end
  local line = connect()
  if not line then return refuse(503, "busy") end
  local entered = line:sismember("entered", who)
  local won = line:hget("won", who)
  line:set_keepalive(60000, 256)
  if entered ~= 1 then return refuse(404, "no_draw") end
  if won == ngx.null then
    ngx.say('{"state":"missed"}')
  else
    ngx.say(cjson.encode({ state = "won", serial = won }))
  end
end
