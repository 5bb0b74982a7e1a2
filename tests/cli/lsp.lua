-- A session of Neovim with the language server: prints a line for each thing that an editor asks.
local file = os.getenv("PKTPATH_FILE")
vim.cmd("edit " .. file)
local id = vim.lsp.start_client({cmd = {os.getenv("PKTPATH"), "lsp"}, name = "pktpath", root_dir = vim.fn.fnamemodify(file, ":h")})
vim.lsp.buf_attach_client(0, id)
vim.wait(5000, function()
	local client = vim.lsp.get_client_by_id(id)
	return client and client.initialized
end, 10)

local function ask(method, line, column, more)
	local params = {textDocument = {uri = vim.uri_from_bufnr(0)}, position = {line = line - 1, character = column}}
	for key, value in pairs(more or {}) do
		params[key] = value
	end
	local answers = vim.lsp.buf_request_sync(0, "textDocument/" .. method, params, 5000)
	return answers and answers[id] or {}
end

-- Types text: replaces a line, and waits until the diagnostics are those of the new text.
local function set_line(number, text)
	vim.api.nvim_buf_set_lines(0, number - 1, number, false, {text})
	vim.wait(300, function() return false end)
end

local function labels(line, column)
	local found = {}
	for _, item in ipairs(ask("completion", line, column).result or {}) do
		table.insert(found, item.label)
	end
	return table.concat(found, " ")
end

local function out(...)
	io.stdout:write(table.concat({...}, " "), "\n")
end

vim.wait(300, function() return false end)
out("good:", #vim.diagnostic.get(0), "diagnostics")
set_line(22, "      vip: 192.23.1.300")
vim.wait(3000, function() return #vim.diagnostic.get(0) > 0 end, 10)
local first = vim.diagnostic.get(0)[1] or {message = "none", lnum = -1}
out("bad:", first.lnum + 1, (first.message:gsub("\n.*", "")))
set_line(22, "      vip: 192.23.1.2")
vim.wait(3000, function() return #vim.diagnostic.get(0) == 0 end, 10)
out("good again:", #vim.diagnostic.get(0), "diagnostics")
out("hover:", ((ask("hover", 22, 7).result or {contents = {value = "none"}}).contents.value:gsub("\n+", " ")))
local definition = ask("definition", 32, 26).result
out("definition:", definition and definition.range.start.line + 1 or "none", definition and definition.range.start.character or "")
set_line(25, "      s")
out("keys:", labels(25, 7))
set_line(25, "      apps:")
set_line(28, "    api: {internet: true, nsg: , ip: 203.0.113.10, listen: [443/tcp], dns: api.example.net}")
set_line(29, "    sql: {subnet: , ip: 10.0.2.10, listen: [1433/tcp]}")
out("names:", labels(29, 18))
set_line(28, "    api: {internet: true, ip: 203.0.113.10, listen: [443/tcp], dns: api.example.net}")
set_line(29, "    sql: {subnet: contoso/data, ip: 10.0.2.10, listen: [1433/tcp]}")
local rename = ask("rename", 20, 6, {newName = "ase-two"})
vim.lsp.util.apply_workspace_edit(rename.result, "utf-16")
vim.wait(300, function() return false end)
local text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
local _, n_new = text:gsub("ase%-two", "")
out("rename:", n_new, "places,", #vim.diagnostic.get(0), "diagnostics")
local refused = ask("rename", 20, 6, {newName = "Not A Name"})
out("refused:", refused.error and refused.error.message or "no")
vim.cmd("silent write")
vim.cmd("qa!")
