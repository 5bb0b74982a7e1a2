/* DOC: libnet builds each template once, in memory: LIBNET_NONE opens no socket and needs no privilege,
 * libnet_pblock_coalesce() gives the bytes (libnet_adv_cull_packet() refuses in this mode). At 200 to 900 ns a packet
 * it is too slow for every packet, and right for a template. */
#include "net/craft.h"
#include <errno.h>
#include <libnet.h>
#include <string.h>

static const uint8_t syn_options[12] = {2, 4, 0x05, 0xb4, 1, 3, 3, CRAFT_WINDOW_SCALE, 1, 1, 4, 2};

enum kind { KIND_TCP_SYN, KIND_TCP, KIND_UDP, KIND_ECHO, KIND_ERROR };

static bool build_l4(libnet_t *net, enum kind kind, uint8_t *ret_proto, uint16_t *ret_bytes)
{
	*ret_proto = IPPROTO_TCP;
	switch (kind) {
	case KIND_TCP_SYN:
		*ret_bytes = 32;
		return libnet_build_tcp_options(syn_options, sizeof syn_options, net, 0) >= 0 &&
		       libnet_build_tcp(0, 0, 0, 0, TH_SYN, 0, 0, 0, 32, NULL, 0, net, 0) >= 0;
	case KIND_TCP:
		*ret_bytes = 20;
		return libnet_build_tcp(0, 0, 0, 0, TH_ACK, 0, 0, 0, 20, NULL, 0, net, 0) >= 0;
	case KIND_UDP:
		*ret_proto = IPPROTO_UDP;
		*ret_bytes = 8;
		return libnet_build_udp(0, 0, 8, 0, NULL, 0, net, 0) >= 0;
	case KIND_ECHO:
		*ret_proto = IPPROTO_ICMP;
		*ret_bytes = 8;
		return libnet_build_icmpv4_echo(ICMP_ECHO, 0, 0, 0, 0, NULL, 0, net, 0) >= 0;
	case KIND_ERROR:
		*ret_proto = IPPROTO_ICMP;
		*ret_bytes = 8;
		/* An error is an echo header with another type: what follows the checksum is zero or the MTU. */
		return libnet_build_icmpv4_echo(3, 0, 0, 0, 0, NULL, 0, net, 0) >= 0;
	}
	return false;
}

/* Headers of fixed sizes without options: all that can fail is memory. */
static int build(struct craft_template *t, enum kind kind, char *errbuf)
{
	static const uint8_t no_mac[6] = {0};
	libnet_t *net = libnet_init(LIBNET_NONE, NULL, errbuf);
	if (!net)
		return -ENOMEM;
	uint8_t proto;
	uint16_t l4_bytes;
	uint8_t *bytes = NULL;
	uint32_t n = 0;
	bool ok =
		build_l4(net, kind, &proto, &l4_bytes) &&
		libnet_build_ipv4((uint16_t)(20 + l4_bytes), 0, 0, IPV4_DF, 64, proto, 0, 0, 0, NULL, 0, net, 0) >= 0 &&
		libnet_build_ethernet(no_mac, no_mac, ETHERTYPE_IPV4, NULL, 0, net, 0) >= 0 &&
		libnet_pblock_coalesce(net, &bytes, &n) >= 0 && n == 34u + l4_bytes;
	if (ok) {
		memset(t->header, 0, sizeof t->header);
		memcpy(t->header + PACKET_ETHERNET_AT, bytes, n);
		t->header_bytes = (uint16_t)n;
	} else {
		(void)strncpy(errbuf, libnet_geterror(net), LIBNET_ERRBUF_SIZE - 1);
	}
	/* Aligned mode gives the block at an offset into what was allocated. */
	if (bytes)
		free(net->aligner > 0 ? bytes - net->aligner : bytes);
	libnet_destroy(net);
	return ok ? 0 : -ENOMEM;
}

int craft_init(struct craft *craft, char *errbuf)
{
	int r = build(&craft->tcp_syn, KIND_TCP_SYN, errbuf);
	r = r ? r : build(&craft->tcp, KIND_TCP, errbuf);
	r = r ? r : build(&craft->udp, KIND_UDP, errbuf);
	r = r ? r : build(&craft->echo, KIND_ECHO, errbuf);
	return r ? r : build(&craft->icmp_error, KIND_ERROR, errbuf);
}

void craft_start(struct packet *p, const struct craft_template *t)
{
	memcpy(p->header, t->header, sizeof t->header);
	p->header_bytes = t->header_bytes;
	p->payload = NULL;
	p->payload_offset = 0;
	p->payload_bytes = 0;
}
