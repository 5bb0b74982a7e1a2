/* Text to steps, steps to packets. */
#include "script.h"
#include "base/arena.h"
#include "net/checksum.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- text ---- */

static bool parse_end(const char **text, struct end *ret)
{
	int n = 0;
	unsigned port = 0, to_port = 0;
	*ret = (struct end){0};
	if (sscanf(*text, " [%c:%u %c:%u]%n", &ret->host, &port, &ret->to_host, &to_port, &n) == 4 && n > 0)
		ret->of_mapping = true;
	else if (sscanf(*text, " [%c:%u %c]%n", &ret->host, &port, &ret->to_host, &n) == 3 && n > 0)
		ret->of_mapping = true;
	else if (sscanf(*text, " %c:%u%n", &ret->host, &port, &n) != 2 && sscanf(*text, " %c%n", &ret->host, &n) != 1)
		return false;
	*text += n;
	ret->port = (uint16_t)port;
	ret->to_port = (uint16_t)to_port;
	return true;
}

static bool parse_flags(const char **text, uint8_t *ret)
{
	static const char letters[] = "FSRPAUEW";
	*text += strspn(*text, " ");
	size_t n = strcspn(*text, " ");
	*ret = 0;
	for (size_t i = 0; i < n && **text != '-'; i++) {
		const char *found = strchr(letters, (*text)[i]);
		if (!found)
			return false;
		*ret = (uint8_t)(*ret | 1u << (found - letters));
	}
	*text += n;
	return n > 0;
}

static bool parse_options(const char *text, struct script_step *ret)
{
	char copy[128];
	(void)snprintf(copy, sizeof copy, "%s", text);
	for (char *rest = copy, *word; (word = strsep(&rest, " "));) {
		if (*word == '\0')
			continue;
		if (sscanf(word, "len=%u", &ret->len) == 1 || sscanf(word, "ttl=%u", &ret->ttl) == 1 ||
		    sscanf(word, "mtu=%u", &ret->mtu) == 1 || sscanf(word, "order=%7s", ret->order) == 1 ||
		    sscanf(word, "differs=%47s", ret->differs) == 1)
			continue;
		if (sscanf(word, "seq=%u", &ret->seq) == 1) {
			ret->has_seq = true;
			continue;
		}
		if (sscanf(word, "ack=%u", &ret->ack) == 1) {
			ret->has_ack = true;
			continue;
		}
		if (sscanf(word, "win=%u", &ret->window) == 1 || sscanf(word, "lap=%u", &ret->lap) == 1)
			continue;
		if (sscanf(word, "off=%u", &ret->data_offset) == 1) {
			ret->has_offset = true;
			continue;
		}
		if (sscanf(word, "ulen=%u", &ret->udp_bytes) == 1) {
			ret->has_udp_bytes = true;
			continue;
		}
		if (strcmp(word, "df") == 0)
			ret->df = true;
		else if (strcmp(word, "zero") == 0)
			ret->zero = true;
		else if (strcmp(word, "any") == 0)
			ret->any = true;
		else if (strcmp(word, "bad") == 0)
			ret->bad = true;
		else if (strcmp(word, "badin") == 0)
			ret->bad_inside = true;
		else
			return false;
	}
	return true;
}

bool script_parse(const char *text, struct script_step *ret)
{
	int n = 0;
	char side;
	*ret = (struct script_step){.ttl = 64, .len = 4, .window = 8192};
	(void)snprintf(ret->text, sizeof ret->text, "%s", text);
	if (sscanf(text, "wait %u", &ret->wait_ms) == 1) {
		ret->verb = VERB_WAIT;
		return true;
	}
	if (sscanf(text, "%c %c %n", &side, &ret->proto, &n) != 2 || !strchr("<>", side) ||
	    !strchr("tuieIrmn", ret->proto))
		return false;
	ret->side = side == '>' ? INSIDE : OUTSIDE;
	text += n;
	if (!parse_end(&text, &ret->src))
		return false;
	if (ret->proto == 'e') {
		unsigned type, code;
		if (sscanf(text, " %u.%u %c%n", &type, &code, &ret->about_proto, &n) != 3)
			return false;
		text += n;
		ret->error_type = (uint8_t)type;
		ret->error_code = (uint8_t)code;
		return parse_end(&text, &ret->about_src) && parse_end(&text, &ret->about_dst) &&
		       parse_options(text, ret);
	}
	return parse_end(&text, &ret->dst) && (ret->proto != 't' || parse_flags(&text, &ret->tcp_flags)) &&
	       parse_options(text, ret);
}

/* ---- what was learned ---- */

uint8_t script_protocol(char proto)
{
	return proto == 't' ? PROTO_TCP : proto == 'u' ? PROTO_UDP : PROTO_ICMP;
}

uint8_t script_kind(char proto)
{
	return strchr("mn", proto) ? 0xff : script_protocol(proto);
}

struct learned_port *learned_find(struct learned *learned, uint8_t proto, const struct end *inside,
				  const struct end *to, bool make)
{
	uint16_t to_port = proto != PROTO_TCP && proto != PROTO_UDP ? 0 : to->port;
	for (size_t i = 0; i < learned->n; i++) {
		struct learned_port *item = &learned->items[i];
		if (item->proto == proto && item->host == inside->host && item->port == inside->port &&
		    item->to_host == to->host && item->to_port == to_port)
			return item;
	}
	if (!make || learned->n == LEARNED_MAX)
		return NULL;
	struct learned_port *item = &learned->items[learned->n++];
	*item = (struct learned_port){proto, inside->host, to->host, inside->port, to_port, {0, 0}};
	return item;
}

/* ---- packets ---- */

struct address {
	be32 addr;
	be16 port;
};

/* An inside end as the outside knows it: the port it got; its own where nothing was learned. */
static struct address outside_of(struct learned *learned, enum system system, uint8_t proto, const struct end *inside,
				 const struct end *to)
{
	const struct learned_port *found = learned_find(learned, proto, inside, to, false);
	return (struct address){be32_from(NAT_ADDR),
				be16_from(found && found->outside[system] ? found->outside[system] : inside->port)};
}

static bool is_inside(char host)
{
	return strchr("abcwf", host);
}

static struct address resolve(struct learned *learned, enum system system, uint16_t remote, uint8_t proto,
			      enum side from, const struct end *end, const struct end *other)
{
	if (end->of_mapping) {
		struct end to = {.host = end->to_host, .port = end->to_port};
		return outside_of(learned, system, proto, end, &to);
	}
	if (from == OUTSIDE && is_inside(end->host))
		return outside_of(learned, system, proto, end, other);
	return (struct address){bed_host(end->host, remote), be16_from(end->port)};
}

static void put_ip(struct packet *packet, uint8_t proto, struct address src, struct address dst,
		   const struct script_step *step, uint16_t serial)
{
	*packet_ip(packet) = (struct ipv4_header){
		.version_ihl = 0x45,
		.id = be16_from(serial),
		.flags_fragment = be16_from(step->df ? IPV4_DF : 0),
		.ttl = (uint8_t)step->ttl,
		.proto = proto,
		.src = src.addr,
		.dst = dst.addr,
	};
	packet_ethernet(packet)->type = be16_from(ETHERTYPE_IPV4);
}

static void put_payload(struct packet *packet, struct arena *arena, unsigned bytes)
{
	static const uint8_t text[] = "conformance ";
	if (bytes == 0)
		return;
	packet->payload = payload_new(arena, NULL, 0, text, sizeof text - 1, bytes / (sizeof text - 1) + 1, NULL, 0);
	packet->payload_bytes = bytes;
}

/* The packet inside an error: its IP header and 8 bytes. */
static void put_inner(uint8_t *at, uint8_t proto, struct address src, struct address dst, uint16_t serial)
{
	struct ipv4_header ip = {.version_ihl = 0x45,
				 .total_bytes = be16_from(60),
				 .id = be16_from(serial),
				 .ttl = 60,
				 .proto = proto,
				 .src = src.addr,
				 .dst = dst.addr};
	ip.check = checksum_finish(checksum_add(0, &ip, sizeof ip));
	memcpy(at, &ip, sizeof ip);
	at += sizeof ip;
	if (proto == PROTO_ICMP) {
		struct icmp_header echo = {.type = ICMP_ECHO, .id = src.port, .seq = be16_from(1)};
		if (dst.port.raw != 0) { /* about an answer */
			echo.type = ICMP_ECHO_REPLY;
			echo.id = dst.port;
		}
		echo.check = checksum_finish(checksum_add(0, &echo, sizeof echo));
		memcpy(at, &echo, sizeof echo);
		return;
	}
	struct udp_header udp = {src.port, dst.port, be16_from(40), be16_from(0x1234)};
	memcpy(at, &udp, sizeof udp);
}

/* Wrong by as much as the model's own packets are (traffic/crafted.c). */
static void damage(const struct script_step *step, struct packet *p)
{
	be16 *check = step->proto == 't'   ? &((struct tcp_header *)packet_l4(p))->check
		      : step->proto == 'u' ? &((struct udp_header *)packet_l4(p))->check
					   : &((struct icmp_header *)packet_l4(p))->check;
	if (step->bad)
		check->raw = check->raw == 0x5555 ? 0xaaaa : check->raw ^ 0x5555;
}

/* A length in the header, and the checksum over all the same. */
static void set_lengths(const struct script_step *step, struct packet *p)
{
	struct tcp_header *tcp = packet_l4(p);
	struct udp_header *udp = packet_l4(p);
	if (step->has_offset) {
		be16 old = be16_from((uint16_t)(tcp->data_offset << 8 | tcp->flags));
		tcp->data_offset = (uint8_t)(step->data_offset << 4);
		tcp->check =
			checksum_replace16(tcp->check, old, be16_from((uint16_t)(tcp->data_offset << 8 | tcp->flags)));
	}
	if (step->has_udp_bytes) {
		be16 old = udp->size_bytes;
		udp->size_bytes = be16_from((uint16_t)step->udp_bytes);
		udp->check = checksum_replace16(udp->check, old, udp->size_bytes);
	}
}

static void build_error(const struct script_step *step, struct learned *learned, enum system system, uint16_t remote,
			uint16_t serial, struct packet *ret)
{
	uint8_t proto = script_protocol(step->about_proto);
	enum side inner_from = step->side == OUTSIDE ? OUTSIDE : INSIDE; /* as who sends the error has it */
	struct address about_src =
		resolve(learned, system, remote, proto, inner_from, &step->about_src, &step->about_dst);
	struct address about_dst =
		resolve(learned, system, remote, proto, inner_from, &step->about_dst, &step->about_src);
	struct address src = {bed_host(step->src.host, remote), {0}};
	put_ip(ret, PROTO_ICMP, src, about_src, step, serial);
	struct icmp_header error = {.type = step->error_type, .code = step->error_code};
	if (step->error_type == ICMP_UNREACHABLE && step->error_code == ICMP_FRAGMENTATION_NEEDED)
		error.seq = be16_from(1400);
	memcpy(packet_l4(ret), &error, sizeof error);
	put_inner(ret->header + PACKET_INNER_IP_AT, proto, about_src, about_dst, (uint16_t)(serial + 1));
	if (step->bad_inside) /* of its IP header */
		ret->header[PACKET_INNER_IP_AT + 10] ^= 0x55;
	ret->header_bytes = 34 + 8 + 28;
}

void script_build(const struct script_step *step, struct learned *learned, enum system system, uint16_t remote,
		  uint16_t serial, struct arena *arena, struct packet *ret)
{
	uint8_t proto = script_protocol(step->proto);
	ret->payload_bytes = 0;
	if (step->proto == 'e') {
		build_error(step, learned, system, remote, serial, ret);
		packet_finish(ret);
		damage(step, ret);
		return;
	}
	const uint8_t kind = script_kind(step->proto);
	struct address src = resolve(learned, system, remote, kind, step->side, &step->src, &step->dst);
	struct address dst = resolve(learned, system, remote, kind, step->side, &step->dst, &step->src);
	put_ip(ret, proto, src, dst, step, serial);
	put_payload(ret, arena, step->len);
	if (proto == PROTO_TCP) {
		struct tcp_header tcp = {.src_port = src.port,
					 .dst_port = dst.port,
					 .seq = be32_from(step->tcp_flags & TCP_SYN ? 1000 : 1001),
					 .ack = be32_from(1001),
					 .data_offset = 0x50,
					 .flags = step->tcp_flags,
					 .window = be16_from((uint16_t)step->window)};
		if (step->has_seq)
			tcp.seq = be32_from(step->seq);
		if (step->has_ack)
			tcp.ack = be32_from(step->ack);
		if (!(step->tcp_flags & TCP_ACK))
			tcp.ack = be32_from(0);
		memcpy(packet_l4(ret), &tcp, sizeof tcp);
		ret->header_bytes = 34 + sizeof tcp;
		ret->payload_bytes = step->tcp_flags & TCP_PSH ? ret->payload_bytes : 0;
	} else if (proto == PROTO_UDP) {
		struct udp_header udp = {.src_port = src.port, .dst_port = dst.port};
		memcpy(packet_l4(ret), &udp, sizeof udp);
		ret->header_bytes = 34 + sizeof udp;
	} else {
		bool request = step->proto == 'I' || (strchr("im", step->proto) && step->side == INSIDE);
		bool is_timestamp = strchr("mn", step->proto);
		struct icmp_header echo = {.type = request ? ICMP_ECHO : ICMP_ECHO_REPLY, .seq = be16_from(1)};
		if (is_timestamp)
			echo.type = request ? ICMP_TIMESTAMP : ICMP_TIMESTAMP_REPLY;
		echo.id = step->side == INSIDE ? src.port : dst.port;
		memcpy(packet_l4(ret), &echo, sizeof echo);
		ret->header_bytes = 34 + sizeof echo;
	}
	packet_finish(ret);
	if (step->zero)
		((struct udp_header *)packet_l4(ret))->check = (be16){0};
	set_lengths(step, ret);
	damage(step, ret);
}
