/* Header templates, built once by libnet (LIBNET_NONE: no socket, no privilege) and then copied and patched for every
 * packet. The only file that includes libnet. */
#ifndef PKTPATH_NET_CRAFT_H
#define PKTPATH_NET_CRAFT_H
#include "net/packet.h"

struct craft_template {
	uint8_t header[PACKET_HEADER_BYTES]; /* with the pad */
	uint16_t header_bytes;               /* without the pad */
};

struct craft {
	struct craft_template
		tcp_syn;           /* options: MSS 1460, NOP, window scale 5, NOP, NOP, SACK permitted (32 bytes TCP) */
	struct craft_template tcp; /* 20 bytes, flags ACK */
	struct craft_template udp;
	struct craft_template echo;       /* ICMP type 8 */
	struct craft_template icmp_error; /* ICMP type 3, no inner packet yet */
};

#define CRAFT_WINDOW_SCALE 5
#define CRAFT_MSS_AT (PACKET_L4_AT + 22) /* be16 in tcp_syn */

/* All with DF set, TTL 64, EtherType IPv4. 0, -ENOMEM, or -EIO where libnet refused (its words in errbuf, 256
 * bytes). */
int craft_init(struct craft *craft, char *errbuf);
/* Makes `p` a copy of the template without payload; id, connection, serial, flags, flow and next are left alone. */
void craft_start(struct packet *p, const struct craft_template *t);
#endif
