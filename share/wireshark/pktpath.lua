-- pktpath: fields of the notes that pktpath writes into its captures.
--
-- A note is the comment of a packet, and every Wireshark shows it; this makes columns, filters and statistics of it:
--   pktpath.flow      whose packet it is: "call", or "call[3]" of several
--   pktpath.packet    which one, the same at each point that it passes
--   pktpath.point     where it was seen, or who dropped it
--   pktpath.nat       what was rewritten: "source 10.0.1.6:49152 -> 192.23.1.2:1024"
--   pktpath.reason    why it was dropped: "nsg-deny"
--   pktpath.rule      the rule that rewrote or dropped it
--   pktpath.place     the line of the scenario where that stands: "layered.yaml:12"
--   pktpath.decided   what groups and route tables decided on it there, each: "allowed by nsg/guard rule office layered.yaml:14"
-- Captures by others stay as they are: a comment that is no note of pktpath makes no field.

local pktpath = Proto("pktpath", "pktpath")

local fields = {
	flow = ProtoField.string("pktpath.flow", "Flow"),
	packet = ProtoField.uint64("pktpath.packet", "Packet"),
	point = ProtoField.string("pktpath.point", "Point"),
	nat = ProtoField.string("pktpath.nat", "Rewritten"),
	reason = ProtoField.string("pktpath.reason", "Dropped because"),
	rule = ProtoField.string("pktpath.rule", "Rule"),
	place = ProtoField.string("pktpath.place", "In the scenario"),
	decided = ProtoField.string("pktpath.decided", "Decided"),
}
pktpath.fields = { fields.flow, fields.packet, fields.point, fields.nat, fields.reason, fields.rule, fields.place, fields.decided }

local comment_of = Field.new("frame.comment")
local interface_of = Field.new("frame.interface_name")

-- "RULE FILE:LINE" in its two parts; either may be missing, and a file's name may have spaces.
local function rule_and_place(text)
	local rule, place = text:match("^(%S+) (.+:%d+)$")
	if not place then
		place = text:match("^.+:%d+$")
		rule = not place and text ~= "" and text or nil
	end
	return rule, place
end

-- The decision before the flow, without the sentence in brackets that may end it.
local function read_decision(text, note)
	text = text:gsub(" %(.*%)$", "")
	local reason, behind = text:match("^DROP (%S+)(.*)$")
	if reason then
		note.reason = reason
		behind = behind:gsub("^ by %S+", "")
		local rule = behind:match("^ rule (.*)$")
		if rule then
			note.rule, note.place = rule_and_place(rule)
		else
			note.place = behind:match("^ (.+:%d+)$")
		end
		return
	end
	local rewriting = text:match("^%S+ (source .*)$") or text:match("^%S+ (destination .*)$")
	if rewriting then
		local nat, rule = rewriting:match("^(.-) by (.*)$")
		note.nat = nat or rewriting
		if rule then
			note.rule, note.place = rule_and_place(rule)
		end
	end
end

-- nil where the comment is no note.
local function read_note(comment)
	local decision, flow, packet, behind = comment:match("^(.*), (%S+) packet (%d+)(.*)$")
	if not flow or (behind ~= "" and behind ~= " retransmission") then
		return nil
	end
	local note = { flow = flow, packet = packet }
	read_decision(decision, note)
	return note
end

local function add(tree, name, value)
	if value then
		tree:add(fields[name], value):set_generated()
	end
end

-- The first comment that is a note, and those behind it that are decisions.
function pktpath.dissector(_, _, tree)
	local branch
	for _, comment in ipairs({ comment_of() }) do
		local text = tostring(comment.value)
		local note = not branch and read_note(text)
		if note then
			local interface = interface_of()
			local point = interface and tostring(interface.value):gsub("^drops:", "")
			branch = tree:add(pktpath):set_generated()
			branch:append_text(", " .. note.flow .. " packet " .. note.packet)
			add(branch, "flow", note.flow)
			add(branch, "packet", UInt64(note.packet))
			add(branch, "point", point)
			add(branch, "nat", note.nat)
			add(branch, "reason", note.reason)
			add(branch, "rule", note.rule)
			add(branch, "place", note.place)
		elseif branch and (text:match("^allowed by ") or text:match("^routed by ")) then
			add(branch, "decided", text)
		end
	end
end

register_postdissector(pktpath)
