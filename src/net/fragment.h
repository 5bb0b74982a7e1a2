/* IP fragments (RFC 791 3.2): a packet cut into pieces that fit a link.
 *
 * DOC: all pieces of a datagram are views on one payload, that of its sender, so neither cutting nor joining copies it.
 * Only the first piece has the L4 header; its checksum stays that of the whole datagram. */
#ifndef PKTPATH_NET_FRAGMENT_H
#define PKTPATH_NET_FRAGMENT_H
#include "net/packet.h"

/* A packet of the link's MTU, in bytes from its IP header on, that is longer and may be cut. */
bool fragment_is_due(const struct packet *p, uint32_t mtu_bytes);
/* `p` becomes the first piece, `rest` (fresh from its pool: id, connection, serial and flags stay its own) what is
 * left, which may be too long still. mtu_bytes: 68 at least. */
void fragment_cut(struct packet *p, uint32_t mtu_bytes, struct packet *rest);
/* Of any packet: where its IP payload stands in the datagram, in bytes. */
struct fragment_span {
	uint32_t first_byte, n_bytes;
	bool last; /* none follows */
};
struct fragment_span fragment_span(const struct packet *p);
/* Of the first fragment makes the datagram, whose IP payload has this many bytes. */
void fragment_join(struct packet *first, uint32_t datagram_bytes);
#endif
