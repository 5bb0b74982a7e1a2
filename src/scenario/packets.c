/* DOC: `packets` of a flow: what a scenario sends by hand. A packet is made of fields, each of which may be as wrong as
 * a test needs it, or byte by byte. What could not be put on a wire at all (a fragment that ends between two units of 8
 * bytes, an IP header with options, an error about a packet that comes later) is an error here. */
#include "base/units.h"
#include "net/header.h"
#include "scenario/decode.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>

#define MAX_IP_BYTES 65535u
#define IP_HEADER_BYTES 20u
#define MAX_PACKETS 10000u

/* ---- flags ---- */

static const struct {
	const char *word;
	char letter;
	uint8_t flag;
} flag_names[] = {
	{"fin", 'F', TCP_FIN}, {"syn", 'S', TCP_SYN}, {"rst", 'R', TCP_RST},
	{"psh", 'P', TCP_PSH}, {"ack", 'A', TCP_ACK}, {"ack", '.', TCP_ACK},
	{"urg", 'U', TCP_URG}, {"ece", 'E', TCP_ECE}, {"cwr", 'W', TCP_CWR},
};
#define N_FLAGS (sizeof flag_names / sizeof *flag_names)

/* A word, or letters. */
static bool flags_of_token(const char *token, size_t n, uint8_t *flags)
{
	if (n == 4 && strncasecmp(token, "none", n) == 0)
		return true;
	for (size_t i = 0; i < N_FLAGS; i++)
		if (n == 3 && strncasecmp(token, flag_names[i].word, n) == 0) {
			*flags |= flag_names[i].flag;
			return true;
		}
	for (size_t k = 0; k < n; k++) {
		size_t i = 0;
		while (i < N_FLAGS && flag_names[i].letter != toupper((unsigned char)token[k]))
			i++;
		if (i == N_FLAGS)
			return false;
		*flags |= flag_names[i].flag;
	}
	return true;
}

static void flags_of(struct decoder *d, const struct tree *node, uint8_t *flags)
{
	static const char between[] = " ,+|";
	bool ok = node->kind == TREE_SCALAR;
	for (const char *at = ok ? node->text : ""; ok && *at;) {
		size_t n = strcspn(at, between);
		ok = flags_of_token(at, n, flags);
		at += n;
		at += strspn(at, between);
	}
	if (!ok)
		diag_error(d->diags, node->place,
			   "letters of FSRPAUEW such as SA, or words such as [syn, ack]; none for none",
			   "`%s` are no TCP flags", decode_shown(node));
}

static uint8_t decode_flags(struct decoder *d, const struct tree *value)
{
	uint8_t flags = 0;
	if (value->kind == TREE_LIST)
		for (const struct tree *item = value->first; item; item = item->next)
			flags_of(d, item, &flags);
	else
		flags_of(d, value, &flags);
	return flags;
}

/* ---- bytes ---- */

static void payload_of(struct decoder *d, const struct tree *value, struct crafted_packet *packet)
{
	uint64_t size = 0;
	uint8_t *bytes;
	if (value->kind != TREE_SCALAR) {
		diag_error(d->diags, value->place, "a size such as 100B, or a text", "`payload` is a single value");
		return;
	}
	bool is_number = *value->text && strspn(value->text, "0123456789") == strlen(value->text) && !value->quoted;
	bool is_size = !value->quoted && units_size(value->text, &size) == UNITS_OK;
	size_t n = is_size ? (size_t)size : strlen(value->text);
	if (is_number)
		diag_error(d->diags, value->place, arena_printf(d->arena, "%sB; in quotes it is a text", value->text),
			   "`payload` needs a unit");
	else if (n > MAX_IP_BYTES - IP_HEADER_BYTES)
		diag_error(d->diags, value->place, "at most 65515B", "a packet cannot carry that much");
	else if ((bytes = decode_array(d, n, 1))) {
		for (size_t i = 0; i < n; i++)
			bytes[i] = (uint8_t)(is_size ? 'a' + (int)(i % 26) : value->text[i]);
		packet->payload = bytes;
		packet->payload_bytes = (uint32_t)n;
	}
}

static int digit_of(char c)
{
	return isdigit((unsigned char)c)    ? c - '0'
	       : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
					    : -1;
}

static const char *what_is_wrong(const uint8_t *ip, size_t n)
{
	if (n < IP_HEADER_BYTES)
		return "it is shorter than an IP header, 20 bytes";
	if (ip[0] != 0x45)
		return "it does not begin with 45: an IPv4 header without options";
	if ((size_t)(ip[2] << 8 | ip[3]) != n)
		return "its total length (bytes 3 and 4) is not that of the bytes given";
	if (ip[9] != PROTO_TCP && ip[9] != PROTO_UDP && ip[9] != PROTO_ICMP)
		return "its protocol (byte 10) is none of 01 (ICMP), 06 (TCP), 11 (UDP)";
	bool first = ((ip[6] & 0x1f) | ip[7]) == 0;
	return first && n < IP_HEADER_BYTES + 4 ? "its ports are missing" : NULL;
}

static void hex_of(struct decoder *d, const struct tree *item, struct crafted_packet *packet)
{
	const char *text = decode_text(d, item, SECTION_PACKET, "hex");
	size_t length = text ? strlen(text) : 0, n = 0;
	uint8_t *bytes = text ? decode_array(d, length / 2 + 1, 1) : NULL;
	bool is_high = true;
	for (const char *at = text; bytes && *at; at++) {
		int digit = digit_of(*at);
		if (digit < 0 && (isspace((unsigned char)*at) || *at == ':'))
			continue;
		if (digit < 0) {
			diag_error(d->diags, decode_place(item, "hex"), "two digits of 0 to 9 and a to f a byte",
				   "`%c` is no hexadecimal digit", *at);
			return;
		}
		bytes[n] = (uint8_t)(is_high ? digit << 4 : bytes[n] | digit);
		n += !is_high;
		is_high = !is_high;
	}
	if (!bytes)
		return;
	const char *wrong = is_high ? what_is_wrong(bytes, n) : "the last byte has one digit";
	if (wrong) {
		diag_error(d->diags, decode_place(item, "hex"), wrong, "`hex` is no IP packet");
		return;
	}
	packet->hex = bytes;
	packet->n_hex = n;
	packet->proto = bytes[9];
}

/* ---- fields ---- */

static bool decode_u16(struct decoder *d, const struct tree *node, const char *key, uint16_t *ret)
{
	int64_t n;
	if (!decode_has(node, key) || !decode_int(d, node, SECTION_PACKET_FIELDS, key, &n))
		return false;
	*ret = (uint16_t)n;
	return true;
}

static void decode_u32(struct decoder *d, const struct tree *node, const char *key, uint32_t *ret)
{
	int64_t n;
	if (decode_int(d, node, SECTION_PACKET_FIELDS, key, &n))
		*ret = (uint32_t)n;
}

static uint32_t l4_bytes(const struct crafted_packet *packet)
{
	return packet->is_fragment && packet->offset_bytes > 0 ? 0 : packet->proto == PROTO_TCP ? 20 : 8;
}

/* In bytes, with the unit or without. */
static void offset_of(struct decoder *d, const struct tree *node, struct crafted_packet *packet)
{
	const struct tree *value = tree_get(node, "offset");
	uint64_t size = 0;
	int64_t n = 0;
	if (tree_is_null(value))
		return;
	if (value->kind == TREE_SCALAR && units_size(value->text, &size) == UNITS_OK && size <= 65528)
		n = (int64_t)size;
	else if (!decode_scalar_int(d, value, "offset", 0, 65528, &n))
		return;
	packet->offset_bytes = (uint32_t)n;
	if (n % 8 != 0)
		diag_error(d->diags, value->place,
			   arena_printf(d->arena, "%u, or %u", (unsigned)(n / 8 * 8), (unsigned)(n / 8 * 8 + 8)),
			   "`offset` counts bytes, and is a multiple of 8");
}

static void decode_fragment(struct decoder *d, const struct tree *node, struct crafted_packet *packet)
{
	const struct tree *fragment = tree_get(node, "fragment");
	if (tree_is_null(fragment) || !decode_section(d, fragment, SECTION_PACKET_FRAGMENT))
		return;
	packet->is_fragment = true;
	offset_of(d, fragment, packet);
	(void)decode_bool(d, fragment, SECTION_PACKET_FRAGMENT, "more", &packet->more);
}

static void check_fragment(struct decoder *d, const struct tree *node, const struct crafted_packet *packet)
{
	uint32_t bytes = l4_bytes(packet) + packet->payload_bytes;
	struct place place = decode_place(node, "fragment");
	if (packet->about)
		diag_error(d->diags, place, "leave one of them out", "an ICMP error is not sent in fragments");
	else if (packet->more && bytes % 8 != 0)
		diag_error(d->diags, place,
			   arena_printf(d->arena, "it has %u bytes behind the IP header; %u would do", bytes,
					(bytes + 7) / 8 * 8),
			   "a fragment that others follow has a multiple of 8 bytes");
	else if (bytes == 0)
		diag_error(d->diags, place, "payload: 100B", "a fragment needs a payload");
	else if (packet->offset_bytes + bytes > MAX_IP_BYTES - IP_HEADER_BYTES)
		diag_error(d->diags, place, "it ends by 65515", "no datagram is that large");
}

static void decode_icmp(struct decoder *d, const struct tree *node, const struct flow_config *flow, size_t number,
			struct crafted_packet *packet)
{
	const struct tree *icmp = tree_get(node, "icmp");
	int64_t n = 0;
	if (tree_is_null(icmp) || !decode_section(d, icmp, SECTION_PACKET_ICMP))
		return;
	packet->has_icmp = true;
	if (decode_int(d, icmp, SECTION_PACKET_ICMP, "type", &n))
		packet->icmp_type = (uint8_t)n;
	if (decode_int(d, icmp, SECTION_PACKET_ICMP, "code", &n))
		packet->icmp_code = (uint8_t)n;
	if (!decode_has(icmp, "about") || !decode_int(d, icmp, SECTION_PACKET_ICMP, "about", &n))
		return;
	packet->about = (uint32_t)n;
	if (!icmp_is_error(packet->icmp_type))
		diag_error(d->diags, decode_place(icmp, "about"), "3, 4, 5, 11 and 12 are about a packet",
			   "an ICMP message of type %u is about no packet", packet->icmp_type);
	else if ((size_t)n > number)
		diag_error(d->diags, decode_place(icmp, "about"), "name one that stands before it, from 1",
			   "no packet %lld stands before this one", (long long)n);
	else if (flow->packets[n - 1].at_ns > packet->at_ns)
		diag_error(d->diags, decode_place(icmp, "about"), "send it earlier, or this error later",
			   "packet %lld is sent after this error about it", (long long)n);
}

/* What means nothing in a packet of this protocol is a mistake. */
static void check_protocol(struct decoder *d, const struct tree *node, const struct crafted_packet *packet)
{
	static const struct {
		const char *key;
		uint8_t proto;
	} keys[] = {{"flags", PROTO_TCP}, {"ack", PROTO_TCP}, {"icmp", PROTO_ICMP}};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (decode_has(node, keys[i].key) && packet->proto != keys[i].proto)
			diag_error(d->diags, tree_get(node, keys[i].key)->key_place,
				   arena_printf(d->arena, "proto: %s, or leave it out", proto_name(keys[i].proto)),
				   "`%s` is for %s, and this packet is %s", keys[i].key, proto_name(keys[i].proto),
				   proto_name(packet->proto));
	if (decode_has(node, "seq") && packet->proto == PROTO_UDP)
		diag_error(d->diags, tree_get(node, "seq")->key_place, "leave it out",
			   "a datagram of UDP has no `seq`");
}

/* What a message of this type has behind its identifier and number (RFC 792, 950). */
static void fill_message(struct decoder *d, struct crafted_packet *packet)
{
	bool is_timestamp = packet->icmp_type == ICMP_TIMESTAMP || packet->icmp_type == ICMP_TIMESTAMP_REPLY;
	bool is_mask = packet->icmp_type == ICMP_MASK || packet->icmp_type == ICMP_MASK_REPLY;
	if (!packet->has_icmp || packet->payload || !(is_timestamp || is_mask))
		return;
	packet->payload_bytes = is_timestamp ? 12 : 4;
	packet->payload = decode_array(d, packet->payload_bytes, 1);
}

static void decode_fields(struct decoder *d, const struct tree *node, const struct flow_config *flow, size_t number,
			  struct crafted_packet *packet)
{
	static const uint8_t protos[] = {PROTO_TCP, PROTO_UDP, PROTO_ICMP};
	unsigned choice;
	int64_t n;
	packet->proto = decode_has(node, "icmp") ? PROTO_ICMP : flow->proto;
	if (!decode_section(d, node, SECTION_PACKET_FIELDS))
		return;
	if (decode_enum(d, node, SECTION_PACKET_FIELDS, "proto", &choice))
		packet->proto = protos[choice];
	packet->has_src_port = decode_u16(d, node, "src_port", &packet->src_port);
	packet->has_dst_port = decode_u16(d, node, "dst_port", &packet->dst_port);
	packet->tcp_flags = !packet->by_called && number == 0 ? TCP_SYN : TCP_ACK;
	if (decode_has(node, "flags"))
		packet->tcp_flags = decode_flags(d, tree_get(node, "flags"));
	decode_u32(d, node, "seq", &packet->seq);
	decode_u32(d, node, "ack", &packet->ack);
	packet->has_ttl = decode_has(node, "ttl") && decode_int(d, node, SECTION_PACKET_FIELDS, "ttl", &n);
	if (packet->has_ttl)
		packet->ttl = (uint8_t)n;
	packet->has_df = decode_has(node, "df") && decode_bool(d, node, SECTION_PACKET_FIELDS, "df", &packet->df);
	(void)decode_bool(d, node, SECTION_PACKET_FIELDS, "bad_checksum", &packet->bad_checksum);
	if (decode_has(node, "payload"))
		payload_of(d, tree_get(node, "payload"), packet);
	decode_icmp(d, node, flow, number, packet);
	fill_message(d, packet);
	decode_fragment(d, node, packet);
	if (packet->is_fragment)
		check_fragment(d, node, packet);
	check_protocol(d, node, packet);
}

static void decode_packet(struct decoder *d, const struct tree *item, struct flow_config *flow, size_t number)
{
	struct crafted_packet *packet = &flow->packets[number];
	const struct tree nothing = {.kind = TREE_MAP, .place = item->place}, *fields = tree_get(item, "fields");
	unsigned end = 0;
	*packet = (struct crafted_packet){.place = item->place, .proto = flow->proto};
	if (!decode_section(d, item, SECTION_PACKET))
		return;
	(void)decode_duration(d, item, SECTION_PACKET, "at", &packet->at_ns);
	if (decode_enum(d, item, SECTION_PACKET, "from_end", &end))
		packet->by_called = end == 1;
	if (packet->by_called && flow->to.kind != ENDPOINT_HOST && flow->to.kind != ENDPOINT_ADDRESS)
		diag_error(d->diags, decode_place(item, "from_end"), "call a host, by its name or address",
			   "packets of the called end are a host's to send");
	if (decode_has(item, "hex") && decode_has(item, "fields"))
		diag_error(d->diags, tree_get(item, "hex")->key_place, "leave one of them out",
			   "`hex` does not go with `fields`");
	else if (decode_has(item, "hex"))
		hex_of(d, item, packet);
	else
		decode_fields(d, tree_is_null(fields) ? &nothing : fields, flow, number, packet);
}

void decode_packets(struct decoder *d, const struct tree *node, struct flow_config *flow)
{
	static const char *const others[] = {"repeat", "send", "reply", "rounds", "pause",
					     "then",   "dns",  "ftp",   "late"};
	size_t n;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (decode_has(node, others[i]))
			diag_error(d->diags, tree_get(node, others[i])->key_place,
				   "a flow with `packets` sends these alone", "`%s` does not go with `packets`",
				   others[i]);
	const struct tree **items = decode_list(d, tree_get(node, "packets"), "`packets`", false, &n);
	if (!items)
		return;
	if (n == 0 || n > MAX_PACKETS)
		diag_error(d->diags, decode_place(node, "packets"), "1 to 10000 packets", "`packets` lists %zu", n);
	if (n > MAX_PACKETS)
		return;
	flow->packets = decode_array(d, n, sizeof *flow->packets);
	for (; flow->packets && flow->n_packets < n; flow->n_packets++)
		decode_packet(d, items[flow->n_packets], flow, flow->n_packets);
}
