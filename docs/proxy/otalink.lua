-- Asks otalink who a browser is signed in as. Sets txn.otalink_customer to the login; txn.otalink_failed if nobody answers.

local address = "http://127.0.0.1:8079/otalink/auth/verify"

core.register_action("otalink_verify", { "http-req" }, function(txn)
    local cookies = txn.http:req_get_headers()["cookie"]
    if not cookies then
        return
    end
    local values = {}
    for index = 0, #cookies do
        values[#values + 1] = cookies[index]
    end
    local answer = core.httpclient():get({ url = address, headers = { cookie = { table.concat(values, "; ") } } })
    if not answer or not answer.status or answer.status == 0 or answer.status >= 500 then
        txn:set_var("txn.otalink_failed", true)
        return
    end
    local customer = answer.headers and answer.headers["remote-user"]
    if answer.status == 200 and customer then
        txn:set_var("txn.otalink_customer", customer[0])
    end
end)
