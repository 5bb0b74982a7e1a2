/* Frames to fields: Ethernet, IPv4, TCP, UDP, ICMP and the packet in an ICMP error.
 *
 * DOC: checksums are compared as right or wrong, not by value: their value follows from the other fields, and where
 * ports are ignored it must differ. Bytes come from a file and may be cut anywhere: a header that is not there as a
 * whole counts as payload. */
#include "compare/frame.h"
#include "base/random.h"
#include "net/checksum.h"
#include "net/header.h"
#include <string.h>

#define PORT_DNS 53
#define PORT_TLS 443
#define OPTION_END 0
#define OPTION_NOP 1
#define OPTION_SACK 5

struct fields {
	struct field *items;
	size_t n;
	bool inner;
	struct field spare; /* where more were found than a frame can have */
};

static struct field *add(struct fields *fields, const char *name, enum field_kind kind, uint64_t number)
{
	struct field *field = fields->n < FRAME_MAX_FIELDS ? &fields->items[fields->n++] : &fields->spare;
	*field = (struct field){.name = name, .kind = kind, .inner = fields->inner, .number = number};
	return field;
}

static void add_bytes(struct fields *fields, const char *name, const uint8_t *bytes, size_t n_bytes)
{
	struct field *field = add(fields, name, FIELD_BYTES, n_bytes);
	field->bytes = bytes;
	field->n_bytes = n_bytes;
}

static void add_seeded(struct fields *fields, const char *name, enum field_kind kind, uint64_t number)
{
	add(fields, name, kind, number)->ignored_by = COMPARE_IGNORE_IDS;
}

static void add_end_point(struct fields *fields, const char *name, be32 addr, bool has_port, uint16_t port)
{
	struct field *field = add(fields, name, FIELD_END_POINT, (uint64_t)be32_to(addr) << 16 | port);
	field->ignored_by = COMPARE_IGNORE_PORTS;
	field->has_port = has_port;
}

static uint64_t mac_number(struct mac mac)
{
	uint64_t number = 0;
	for (size_t i = 0; i < sizeof(mac.octet); i++)
		number = number << 8 | mac.octet[i];
	return number;
}

/* An IP packet, taken apart as far as it is there. */
struct view {
	struct ipv4_header ip;
	const uint8_t *l4; /* behind the IP header */
	size_t l4_bytes;   /* that are there */
	bool whole;        /* all of the IP payload is there */
	uint16_t fragment; /* flags and offset */
	bool first;        /* no fragment, or the first */
};

static bool view_ip(const uint8_t *at, size_t n_bytes, struct view *ret)
{
	if (n_bytes < sizeof(ret->ip))
		return false;
	memcpy(&ret->ip, at, sizeof(ret->ip));
	size_t header_bytes = (size_t)(ret->ip.version_ihl & 0xf) * 4, total_bytes = be16_to(ret->ip.total_bytes);
	if (ret->ip.version_ihl >> 4 != 4 || header_bytes < sizeof(ret->ip) || header_bytes > n_bytes)
		return false;
	size_t there = total_bytes < n_bytes ? total_bytes : n_bytes; /* Ethernet may have padded */
	ret->whole = total_bytes <= n_bytes && total_bytes >= header_bytes;
	ret->l4 = at + header_bytes;
	ret->l4_bytes = there < header_bytes ? 0 : there - header_bytes;
	ret->fragment = be16_to(ret->ip.flags_fragment);
	ret->first = (ret->fragment & IPV4_OFFSET_MASK) == 0;
	return true;
}

static bool view_frame(const uint8_t *frame, size_t captured_bytes, struct ethernet_header *ret_ethernet,
		       struct view *ret)
{
	if (captured_bytes < sizeof *ret_ethernet)
		return false;
	memcpy(ret_ethernet, frame, sizeof *ret_ethernet);
	return be16_to(ret_ethernet->type) == ETHERTYPE_IPV4 &&
	       view_ip(frame + sizeof *ret_ethernet, captured_bytes - sizeof *ret_ethernet, ret);
}

static bool is_icmp_error(uint8_t type)
{
	return icmp_is_error(type);
}

static void add_l4_checksum(struct fields *fields, const char *name, const struct view *view, bool pseudo)
{
	if (!view->whole || (view->fragment & (IPV4_MF | IPV4_OFFSET_MASK)) != 0)
		return; /* it is that of bytes which are not here */
	uint32_t sum =
		pseudo ? checksum_pseudo(view->ip.src, view->ip.dst, view->ip.proto, (uint32_t)view->l4_bytes) : 0;
	add(fields, name, FIELD_CHECKSUM, checksum_fold(checksum_add(sum, view->l4, view->l4_bytes)));
}

/* Kinds and values; where the seed is ignored, SACK's edges must be too, as they are sequence numbers. */
static void add_tcp_options(struct fields *fields, const uint8_t *options, size_t n_bytes)
{
	add_bytes(fields, "TCP options", options, n_bytes);
	for (size_t at = 0; at < n_bytes && options[at] != OPTION_END;) {
		if (options[at] == OPTION_SACK)
			fields->items[fields->n - 1].ignored_by = COMPARE_IGNORE_IDS;
		if (options[at] == OPTION_NOP)
			at++;
		else if (at + 1 < n_bytes && options[at + 1] >= 2)
			at += options[at + 1];
		else
			return;
	}
}

static void tcp_fields(struct fields *fields, const struct view *view, const struct tcp_header *tcp)
{
	size_t header_bytes = (size_t)(tcp->data_offset >> 4) * 4;
	if (header_bytes < sizeof *tcp || header_bytes > view->l4_bytes)
		header_bytes = sizeof *tcp;
	add_seeded(fields, "sequence number", FIELD_NUMBER, be32_to(tcp->seq));
	add_seeded(fields, "acknowledgment number", FIELD_NUMBER, be32_to(tcp->ack));
	add(fields, "TCP flags", FIELD_TCP_FLAGS, tcp->flags);
	add(fields, "window", FIELD_NUMBER, be16_to(tcp->window));
	add(fields, "urgent pointer", FIELD_NUMBER, be16_to(tcp->urgent));
	add_tcp_options(fields, view->l4 + sizeof *tcp, header_bytes - sizeof *tcp);
	add_l4_checksum(fields, "TCP checksum", view, true);
	add_bytes(fields, "payload", view->l4 + header_bytes, view->l4_bytes - header_bytes);
	if (be16_to(tcp->src_port) == PORT_TLS ||
	    be16_to(tcp->dst_port) == PORT_TLS) /* what is encrypted looks random, and is */
		fields->items[fields->n - 1].ignored_by = COMPARE_IGNORE_IDS;
}

static void udp_fields(struct fields *fields, const struct view *view, const struct udp_header *udp)
{
	const uint8_t *payload = view->l4 + sizeof *udp;
	size_t n_bytes = view->l4_bytes - sizeof *udp;
	add(fields, "UDP length", FIELD_NUMBER, be16_to(udp->size_bytes));
	if (udp->check.raw == 0)
		add(fields, "UDP checksum", FIELD_NUMBER, 0); /* none (RFC 768) */
	else
		add_l4_checksum(fields, "UDP checksum", view, true);
	if ((be16_to(udp->src_port) == PORT_DNS || be16_to(udp->dst_port) == PORT_DNS) && n_bytes >= 2) {
		add_seeded(fields, "DNS id", FIELD_HEX, (uint64_t)payload[0] << 8 | payload[1]);
		payload += 2;
		n_bytes -= 2;
	}
	add_bytes(fields, "payload", payload, n_bytes);
}

static void ip_fields(struct fields *fields, const struct view *view);

static void icmp_fields(struct fields *fields, const struct view *view, const struct icmp_header *icmp)
{
	const uint8_t *rest = view->l4 + sizeof *icmp;
	size_t n_bytes = view->l4_bytes - sizeof *icmp;
	struct view inner;
	add(fields, "ICMP type", FIELD_NUMBER, icmp->type);
	add(fields, "ICMP code", FIELD_NUMBER, icmp->code);
	add_l4_checksum(fields, "ICMP checksum", view, false);
	if (!is_icmp_error(icmp->type)) {
		add(fields, "ICMP id", FIELD_NUMBER, be16_to(icmp->id))->ignored_by = COMPARE_IGNORE_PORTS;
		add(fields, "ICMP sequence", FIELD_NUMBER, be16_to(icmp->seq));
		add_bytes(fields, "payload", rest, n_bytes);
		return;
	}
	add(fields, "next-hop MTU", FIELD_NUMBER, be16_to(icmp->seq));
	if (!fields->inner && view_ip(rest, n_bytes, &inner)) {
		fields->inner = true;
		ip_fields(fields, &inner);
	} else {
		add_bytes(fields, "payload", rest, n_bytes);
	}
}

/* An ICMP error may hold no more than the first 8 bytes of a segment (RFC 792): ports and sequence number. */
static void short_fields(struct fields *fields, const struct view *view)
{
	if (view->ip.proto == PROTO_TCP && view->l4_bytes >= 8) {
		be32 seq;
		memcpy(&seq, view->l4 + 4, sizeof seq);
		add_seeded(fields, "sequence number", FIELD_NUMBER, be32_to(seq));
	} else {
		add_bytes(fields, "payload", view->l4, view->l4_bytes);
	}
}

static void ip_fields(struct fields *fields, const struct view *view)
{
	size_t header_bytes = (size_t)(view->ip.version_ihl & 0xf) * 4;
	bool ports = view->first && (view->ip.proto == PROTO_TCP || view->ip.proto == PROTO_UDP) && view->l4_bytes >= 4;
	be16 port[2] = {{0}, {0}};
	if (ports)
		memcpy(port, view->l4, sizeof port);
	add(fields, "TOS", FIELD_HEX, view->ip.tos);
	add(fields, "total length", FIELD_NUMBER, be16_to(view->ip.total_bytes));
	add_seeded(fields, "IP id", FIELD_HEX, be16_to(view->ip.id));
	add(fields, "fragment", FIELD_FRAGMENT, view->fragment);
	add(fields, "TTL", FIELD_NUMBER, view->ip.ttl);
	add(fields, "protocol", FIELD_NUMBER, view->ip.proto);
	add(fields, "IP checksum", FIELD_CHECKSUM,
	    checksum_fold(checksum_add(0, view->l4 - header_bytes, header_bytes)));
	add_end_point(fields, "source", view->ip.src, ports, be16_to(port[0]));
	add_end_point(fields, "destination", view->ip.dst, ports, be16_to(port[1]));
	union {
		struct tcp_header tcp;
		struct udp_header udp;
		struct icmp_header icmp;
	} header = {0};
	memcpy(&header, view->l4, view->l4_bytes < sizeof header ? view->l4_bytes : sizeof header);
	if (view->first && view->ip.proto == PROTO_TCP && view->l4_bytes >= sizeof(header.tcp))
		tcp_fields(fields, view, &header.tcp);
	else if (view->first && view->ip.proto == PROTO_UDP && view->l4_bytes >= sizeof(header.udp))
		udp_fields(fields, view, &header.udp);
	else if (view->first && view->ip.proto == PROTO_ICMP && view->l4_bytes >= sizeof(header.icmp))
		icmp_fields(fields, view, &header.icmp);
	else
		short_fields(fields, view);
}

size_t frame_fields(const uint8_t *frame, size_t captured_bytes, struct field ret[static FRAME_MAX_FIELDS])
{
	struct fields fields = {.items = ret};
	struct ethernet_header ethernet;
	struct view view;
	bool is_ip = view_frame(frame, captured_bytes, &ethernet, &view);
	if (captured_bytes < sizeof ethernet) {
		add_bytes(&fields, "frame", frame, captured_bytes);
		return fields.n;
	}
	add(&fields, "destination MAC", FIELD_MAC, mac_number(ethernet.dst));
	add(&fields, "source MAC", FIELD_MAC, mac_number(ethernet.src));
	add(&fields, "ethertype", FIELD_HEX, be16_to(ethernet.type));
	if (is_ip)
		ip_fields(&fields, &view);
	else
		add_bytes(&fields, "payload", frame + sizeof ethernet, captured_bytes - sizeof ethernet);
	return fields.n;
}

uint64_t frame_signature(const uint8_t *frame, size_t captured_bytes)
{
	struct ethernet_header ethernet;
	struct view view;
	if (!view_frame(frame, captured_bytes, &ethernet, &view))
		return random_join(captured_bytes, 1);
	uint64_t parts = (uint64_t)be16_to(view.ip.total_bytes) << 32 | (uint64_t)view.ip.proto << 16 |
			 (view.fragment & (IPV4_MF | IPV4_OFFSET_MASK));
	uint64_t detail = 0;
	if (view.first && view.ip.proto == PROTO_TCP && view.l4_bytes >= sizeof(struct tcp_header))
		detail = view.l4[13];
	else if (view.first && view.ip.proto == PROTO_ICMP && view.l4_bytes >= 2)
		detail = (uint64_t)view.l4[0] << 8 | view.l4[1];
	return random_join(parts, detail);
}

static const char *icmp_name(uint8_t type, uint8_t code)
{
	switch (type) {
	case ICMP_ECHO:
		return "ICMP echo";
	case ICMP_ECHO_REPLY:
		return "ICMP echo reply";
	case ICMP_TIME_EXCEEDED:
		return "ICMP time exceeded";
	case ICMP_PARAMETER_PROBLEM:
		return "ICMP parameter problem";
	case ICMP_UNREACHABLE:
		return code == ICMP_PORT_UNREACHABLE
			       ? "ICMP port unreachable"
			       : (code == ICMP_FRAGMENTATION_NEEDED ? "ICMP fragmentation needed" : "ICMP unreachable");
	default:
		return "ICMP";
	}
}

void frame_describe(struct buf *out, const uint8_t *frame, size_t captured_bytes)
{
	struct ethernet_header ethernet;
	struct view view;
	if (!view_frame(frame, captured_bytes, &ethernet, &view)) {
		buf_puts(out, "no IP packet");
	} else if (!view.first) {
		buf_printf(out, "fragment from byte %u", (view.fragment & IPV4_OFFSET_MASK) * 8u);
	} else if (view.ip.proto == PROTO_TCP && view.l4_bytes >= sizeof(struct tcp_header)) {
		size_t header_bytes = (size_t)(view.l4[12] >> 4) * 4;
		char flags[FIELD_FLAGS_BYTES];
		buf_puts(out, field_print_flags(view.l4[13], flags));
		if (header_bytes < view.l4_bytes)
			buf_printf(out, " with %zu bytes", view.l4_bytes - header_bytes);
	} else if (view.ip.proto == PROTO_UDP && view.l4_bytes >= sizeof(struct udp_header)) {
		buf_printf(out, "UDP with %zu bytes", view.l4_bytes - sizeof(struct udp_header));
	} else if (view.ip.proto == PROTO_ICMP && view.l4_bytes >= 2) {
		buf_puts(out, icmp_name(view.l4[0], view.l4[1]));
	} else {
		buf_printf(out, "IP protocol %u", view.ip.proto);
	}
}
