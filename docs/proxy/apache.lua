-- Asks otalink who a browser is signed in as, and tells the desk. Lies at /etc/apache2/otalink.lua.

local http = require "socket.http"
local ltn12 = require "ltn12"

local address = "http://127.0.0.1:8079/otalink/auth/verify"
-- The desk's WebServer::ProxySecret.
local secret = "CHANGE THIS"
http.TIMEOUT = 3

function sign_in(request)
    local cookie = request.headers_in["Cookie"]
    if request.method ~= "GET" or not cookie or not (request.args or ""):match("^Action=Login;RequestedURL=[^;&]*$") then
        return apache2.DECLINED
    end
    local answered, status, headers = http.request({ url = address, headers = { cookie = cookie }, redirect = false, sink = ltn12.sink.null() })
    if not answered or status >= 500 then
        return 503
    end
    local customer = headers["remote-user"]
    if status == 200 and customer then
        request.headers_in["Remote-User"] = customer
        request.headers_in["X-OTOBO-Proxy-Secret"] = secret
        -- Else the desk puts its session's id into the address.
        request.headers_in["Cookie"] = cookie .. "; OTOBOBrowserHasCookie=1"
    end
    return apache2.DECLINED
end
