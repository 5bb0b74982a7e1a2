/* Tuples as text. */
#include "net/tuple.h"
#include <stdio.h>

const char *proto_name(uint8_t proto)
{
	return proto == PROTO_TCP ? "tcp" : proto == PROTO_UDP ? "udp" : proto == PROTO_ICMP ? "icmp" : "ip";
}

char *tuple_print(const struct tuple *tuple, char text[TUPLE_TEXT_BYTES])
{
	char src[ADDR_TEXT_BYTES], dst[ADDR_TEXT_BYTES];
	(void)addr_print(tuple->src, src);
	(void)addr_print(tuple->dst, dst);
	if (tuple->proto == PROTO_ICMP)
		(void)snprintf(text, TUPLE_TEXT_BYTES, "icmp %s > %s id %u", src, dst, be16_to(tuple->src_port));
	else
		(void)snprintf(text, TUPLE_TEXT_BYTES, "%s %s:%u > %s:%u", proto_name(tuple->proto), src,
			       be16_to(tuple->src_port), dst, be16_to(tuple->dst_port));
	return text;
}
