/* DOC: a packet from its text (nat_bed.h): a verb, two ends, what the verb needs, options. One pass over the words, and
 * the packet inside an error is a text of its own. */
#include "nat_bed.h"
#include "net/checksum.h"
#include "net/fragment.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const struct {
	char name;
	uint32_t addr;
	bool inside;
} hosts[] = {
	{'a', 0xac10000au, true},  {'b', 0xac10000bu, true},  {'c', 0xac10000cu, true},  /* 172.16.0.10 to .12 */
	{'x', 0xcb00710au, false}, {'y', 0xcb00710bu, false}, {'z', 0xcb00710cu, false}, /* 203.0.113.10 to .12 */
	{'N', 0xc6336401u, false}, {'M', 0xc6336402u, false},                            /* 198.51.100.1 and .2 */
	{'P', 0xc000024du, false},                                                       /* 192.0.2.77 */
	{'I', 0x0a000304u, false}, /* 10.0.3.4, towards the outside */
	{'R', 0xac100001u, true},  /* 172.16.0.1 */
	{'g', 0x0a000204u, true},  /* 10.0.2.4 */
	{'f', 0x0a000104u, true},  {'w', 0x0a000105u, true},  {'v', 0x0a000106u, true}, /* 10.0.1.4 to .6 */
};

struct end {
	be32 addr;
	be16 port;
	bool inside;
};

#define UNSAID UINT32_MAX
struct reading {
	const char *whole, *at;
	struct end src, dst;
	char verb[8];
	uint8_t error_type, error_code, tcp_flags;
	uint32_t len, ttl, id, seq, ack, win, mtu, piece, quote;
	bool df, nosum, badsum, badip;
	char inner[160];
};

static void refuse(const struct reading *r)
{
	ck_abort_msg("`%s` is no packet from `%s` on", r->whole, r->at);
}

static bool takes(struct reading *r, const char *word)
{
	size_t n = strlen(word);
	while (*r->at == ' ')
		r->at++;
	if (strncmp(r->at, word, n) != 0 || isalnum((unsigned char)r->at[n]))
		return false;
	r->at += n;
	return true;
}

static uint32_t number(struct reading *r)
{
	while (*r->at == ' ')
		r->at++;
	char *end;
	unsigned long value = strtoul(r->at, &end, 10);
	if (end == r->at)
		refuse(r);
	r->at = end;
	return (uint32_t)value;
}

static struct end end_of(struct reading *r)
{
	while (*r->at == ' ')
		r->at++;
	for (size_t i = 0; i < N(hosts); i++)
		if (hosts[i].name == *r->at) {
			struct end end = {be32_from(hosts[i].addr), {0}, hosts[i].inside};
			if (*++r->at == ':') {
				r->at++;
				end.port = be16_from((uint16_t)number(r));
			}
			return end;
		}
	refuse(r);
	return (struct end){0};
}

static void read_verb(struct reading *r)
{
	int n = 0;
	if (sscanf(r->at, " %7[a-z]%n", r->verb, &n) != 1)
		refuse(r);
	r->at += n;
	if (strcmp(r->verb, "error") != 0)
		return;
	r->error_type = (uint8_t)number(r);
	if (*r->at++ != '.')
		refuse(r);
	r->error_code = (uint8_t)number(r);
}

static void read_flags(struct reading *r)
{
	static const char letters[] = "FSRPA"; /* in the order of their bits */
	while (*r->at == ' ')
		r->at++;
	for (const char *found; *r->at && (found = strchr(letters, *r->at)); r->at++)
		r->tcp_flags = (uint8_t)(r->tcp_flags | 1u << (found - letters));
}

static void read_inner(struct reading *r)
{
	const char *close = strrchr(r->at, ')');
	while (*r->at == ' ')
		r->at++;
	if (*r->at != '(' || !close || (size_t)(close - r->at) > sizeof r->inner)
		refuse(r);
	memcpy(r->inner, r->at + 1, (size_t)(close - r->at - 1));
	r->at = close + 1;
}

static void read_options(struct reading *r)
{
	const struct {
		const char *word;
		uint32_t *value;
	} numbers[] = {{"len", &r->len}, {"ttl", &r->ttl}, {"id", &r->id},       {"seq", &r->seq},    {"ack", &r->ack},
		       {"win", &r->win}, {"mtu", &r->mtu}, {"piece", &r->piece}, {"quote", &r->quote}};
	const struct {
		const char *word;
		bool *value;
	} switches[] = {{"df", &r->df}, {"nosum", &r->nosum}, {"badsum", &r->badsum}, {"badip", &r->badip}};
	bool found = true;
	while (found) {
		found = false;
		for (size_t i = 0; !found && i < N(numbers); i++)
			if ((found = takes(r, numbers[i].word)))
				*numbers[i].value = number(r);
		for (size_t i = 0; !found && i < N(switches); i++)
			if ((found = takes(r, switches[i].word)))
				*switches[i].value = true;
	}
	if (*r->at)
		refuse(r);
}

static void read_text(struct reading *r, const char *text, const struct packet_text *open)
{
	*r = (struct reading){.whole = text,
			      .at = text,
			      .ttl = open->ttl,
			      .id = open->id,
			      .quote = 8,
			      .win = 8192,
			      .seq = UNSAID,
			      .ack = UNSAID,
			      .piece = UNSAID};
	read_verb(r);
	r->src = end_of(r);
	if (!takes(r, ">"))
		refuse(r);
	r->dst = end_of(r);
	if (strcmp(r->verb, "tcp") == 0)
		read_flags(r);
	if (strcmp(r->verb, "error") == 0)
		read_inner(r);
	read_options(r);
}

/* ---- the packet ---- */

static void put_error(const struct reading *r, const struct packet_text *open, const struct payload *payload,
		      struct packet *ret)
{
	struct packet inner;
	struct icmp_header error = {.type = r->error_type, .code = r->error_code, .seq = be16_from((uint16_t)r->mtu)};
	nat_text_packet(r->inner, &(struct packet_text){64, open->id}, payload, &inner);
	memcpy(packet_l4(ret), &error, sizeof error);
	memcpy(ret->header + PACKET_INNER_IP_AT, packet_ip(&inner), sizeof(struct ipv4_header) + r->quote);
	ret->header_bytes = (uint16_t)(34 + sizeof error + sizeof(struct ipv4_header) + r->quote);
}

static void put_tcp(const struct reading *r, struct packet *ret)
{
	struct tcp_header tcp = {.src_port = r->src.port,
				 .dst_port = r->dst.port,
				 .seq = be32_from(r->seq != UNSAID         ? r->seq
						  : r->tcp_flags & TCP_SYN ? 1000
									   : 1001),
				 .ack = be32_from(r->ack != UNSAID         ? r->ack
						  : r->tcp_flags & TCP_ACK ? 1001
									   : 0),
				 .data_offset = 0x50,
				 .flags = r->tcp_flags,
				 .window = be16_from((uint16_t)r->win)};
	memcpy(packet_l4(ret), &tcp, sizeof tcp);
	ret->header_bytes = 34 + sizeof tcp;
}

static void put_l4(const struct reading *r, const struct packet_text *open, const struct payload *payload,
		   struct packet *ret)
{
	struct ipv4_header *ip = packet_ip(ret);
	if (strcmp(r->verb, "tcp") == 0) {
		ip->proto = PROTO_TCP;
		put_tcp(r, ret);
	} else if (strcmp(r->verb, "udp") == 0) {
		struct udp_header udp = {.src_port = r->src.port, .dst_port = r->dst.port};
		ip->proto = PROTO_UDP;
		memcpy(packet_l4(ret), &udp, sizeof udp);
		ret->header_bytes = 34 + sizeof udp;
	} else if (strcmp(r->verb, "echo") == 0 || strcmp(r->verb, "reply") == 0) {
		bool request = r->verb[0] == 'e';
		struct icmp_header echo = {.type = request ? ICMP_ECHO : ICMP_ECHO_REPLY,
					   .id = request ? r->src.port : r->dst.port,
					   .seq = be16_from(1)};
		ip->proto = PROTO_ICMP;
		memcpy(packet_l4(ret), &echo, sizeof echo);
		ret->header_bytes = 34 + sizeof echo;
	} else if (strcmp(r->verb, "error") == 0) {
		ip->proto = PROTO_ICMP;
		put_error(r, open, payload, ret);
	} else {
		refuse(r);
	}
}

/* By as much in every packet, so that what was wrong by that before a translation is wrong by that after it. */
static be16 wrong(be16 check)
{
	return checksum_apply(check, 0x1234);
}

static void spoil(const struct reading *r, struct packet *ret)
{
	struct ipv4_header *ip = packet_ip(ret);
	if (r->badip)
		ip->check = wrong(ip->check);
	if (r->nosum)
		((struct udp_header *)packet_l4(ret))->check = (be16){0};
	if (!r->badsum)
		return;
	be16 *check = ip->proto == PROTO_TCP   ? &((struct tcp_header *)packet_l4(ret))->check
		      : ip->proto == PROTO_UDP ? &((struct udp_header *)packet_l4(ret))->check
					       : &((struct icmp_header *)packet_l4(ret))->check;
	*check = wrong(*check);
}

static void take_piece(const struct reading *r, struct packet *ret)
{
	for (uint32_t i = 0; i <= r->piece; i++) {
		struct packet rest = *ret;
		bool more = fragment_is_due(ret, r->mtu);
		if (more)
			fragment_cut(ret, r->mtu, &rest);
		if (i == r->piece)
			return;
		ck_assert_msg(more, "`%s` has %u pieces", r->whole, i + 1);
		*ret = rest;
	}
}

void nat_text_packet(const char *text, const struct packet_text *open, const struct payload *payload,
		     struct packet *ret)
{
	struct reading r;
	read_text(&r, text, open);
	*ret = (struct packet){0};
	packet_ethernet(ret)->type = be16_from(ETHERTYPE_IPV4);
	*packet_ip(ret) = (struct ipv4_header){
		.version_ihl = 0x45,
		.id = be16_from((uint16_t)r.id),
		.flags_fragment = be16_from(r.df ? IPV4_DF : 0),
		.ttl = (uint8_t)r.ttl,
		.src = r.src.addr,
		.dst = r.dst.addr,
	};
	put_l4(&r, open, payload, ret);
	ck_assert_uint_le(r.len, NAT_TEXT_PAYLOAD_BYTES);
	ret->payload = r.len ? payload : NULL;
	ret->payload_bytes = r.len;
	packet_finish(ret);
	spoil(&r, ret);
	if (r.piece != UNSAID)
		take_piece(&r, ret);
}

bool nat_text_is_inside(const char *text)
{
	struct reading r = {.whole = text, .at = text};
	read_verb(&r);
	return end_of(&r).inside;
}
