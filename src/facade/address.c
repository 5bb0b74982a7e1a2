/* DOC: addresses as the public interface has them: a family and bytes. Inside there is IPv4 alone. */
#include "facade/facade.h"
#include <string.h>

pp_addr facade_addr(be32 addr)
{
	pp_addr ret = {.family = PP_FAMILY_IPV4};
	memcpy(ret.bytes, &addr.raw, sizeof addr.raw);
	return ret;
}

pp_tuple facade_tuple(const struct tuple *t)
{
	return (pp_tuple){facade_addr(t->src), facade_addr(t->dst), be16_to(t->src_port), be16_to(t->dst_port),
			  t->proto};
}

char *pp_addr_print(pp_addr addr, char text[PP_ADDR_TEXT_BYTES])
{
	be32 ipv4;
	memcpy(&ipv4.raw, addr.bytes, sizeof ipv4.raw);
	text[0] = '\0';
	return addr.family == PP_FAMILY_IPV4 ? addr_print(ipv4, text) : text;
}

int pp_addr_parse(const char *text, pp_addr *ret)
{
	be32 ipv4;
	bool sound = addr_parse(text, &ipv4);
	*ret = sound ? facade_addr(ipv4) : (pp_addr){.family = PP_FAMILY_NONE};
	return !sound;
}

bool pp_addr_equal(pp_addr a, pp_addr b)
{
	return a.family == b.family && memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}
