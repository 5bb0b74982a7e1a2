/* DOC: how a NAT reads a packet: for its table to decide about, an ICMP error, or one that belongs to nothing. Most NATs look at
 * types and ports alone. Linux looks closer (rule/nat.h, kernel_packets): what is damaged (a checksum, TCP's header length,
 * UDP's length) belongs to nothing; every ICMP query has identifiers of its own kind; every ICMP error is about a packet,
 * whatever the checksums inside it say. */
#include "network/drive.h"
#include <string.h>

bool translate_is_error(const struct packet *packet)
{
	const struct icmp_header *icmp = packet_l4_const(packet);
	return packet_ip_const(packet)->proto == PROTO_ICMP && !packet_is_fragment(packet) && icmp->type != ICMP_ECHO &&
	       icmp->type != ICMP_ECHO_REPLY;
}

enum translate_reading translate_read_closely(const struct translator *translator, const struct packet *packet)
{
	const struct icmp_header *icmp = packet_l4_const(packet);
	bool is_icmp = packet_ip_const(packet)->proto == PROTO_ICMP;
	if (!translator->kernel_packets || packet_is_fragment(packet))
		return translate_is_error(packet) ? READING_ERROR : READING_USUAL;
	if (((packet->flags & PACKET_CRAFTED) != 0 && packet_is_damaged(packet)) ||
	    (is_icmp && !icmp_is_error(icmp->type) && !icmp_is_query(icmp->type)))
		return READING_INVALID;
	return is_icmp && icmp_is_error(icmp->type) ? READING_ERROR : READING_USUAL;
}

/* RFC 5508 REQ-3: neither the error nor the IP header inside it may be damaged; the rest of what is inside does not
 * matter here. Linux does not look at either: what is damaged itself it has not taken for an error. */
enum reason translate_error_about(const struct translator *translator, const struct packet *packet, struct tuple *ret)
{
	if (!icmp_error_inner(packet, ret))
		return REASON_NO_MAPPING;
	const struct icmp_header *inner =
		(const struct icmp_header *)(const void *)(packet->header + PACKET_INNER_L4_AT);
	if (translator->kernel_packets) {
		if (ret->proto == PROTO_ICMP)
			ret->proto = translate_query_proto(inner->type);
		return REASON_NONE;
	}
	const struct icmp_header *error = packet_l4_const(packet);
	if (error->type == ICMP_SOURCE_QUENCH || error->type == ICMP_REDIRECT ||
	    (ret->proto == PROTO_ICMP && translate_query_proto(inner->type) != PROTO_ICMP))
		return REASON_NO_MAPPING;
	return packet_checksums_valid(packet) && packet_inner_checksum_valid(packet) ? REASON_NONE
										     : REASON_BAD_CHECKSUM;
}

uint8_t translate_query_proto(uint8_t icmp_type)
{
	switch (icmp_type) {
	case ICMP_TIMESTAMP:
	case ICMP_TIMESTAMP_REPLY:
		return NAT_PROTO_TIMESTAMP;
	case ICMP_INFORMATION:
	case ICMP_INFORMATION_REPLY:
		return NAT_PROTO_INFORMATION;
	case ICMP_MASK:
	case ICMP_MASK_REPLY:
		return NAT_PROTO_MASK;
	}
	return PROTO_ICMP;
}
