/* UDP datagrams and ICMP messages as end points make them (RFC 768, 792, 1122). */
#ifndef PKTPATH_HOST_UDP_H
#define PKTPATH_HOST_UDP_H
#include "net/craft.h"
#include "net/packet.h"

/* Fill a fresh packet; checksums are valid afterwards. Payload may be NULL. DF is set where the packet fits 1500 bytes:
 * a longer one is to be fragmented on the way, as a real stack's is. Flags, id, connection and serial are the
 * owner's. */
void udp_make(const struct craft *craft, struct packet *p, const struct tuple *tuple, uint8_t ttl, uint16_t ip_id,
	      const struct payload *payload);
void echo_make(const struct craft *craft, struct packet *p, bool reply, be32 src, be32 dst, uint16_t id, uint16_t seq,
	       uint8_t ttl, uint16_t ip_id, const struct payload *payload);
/* An ICMP error from `src` about `about`: carries its IP header and first 8 bytes (RFC 792), as it stands now. */
void icmp_error_make(const struct craft *craft, struct packet *p, be32 src, uint8_t type, uint8_t code, uint16_t mtu,
		     uint8_t ttl, uint16_t ip_id, const struct packet *about);
/* The tuple of the packet inside an ICMP error; false where `p` is no error or carries no TCP, UDP or echo. */
bool icmp_error_inner(const struct packet *p, struct tuple *ret);
/* "Fragmentation needed and DF set", and the MTU of the link that it was for (RFC 1191), 0 where the router does not
 * say. */
bool icmp_error_is_too_big(const struct packet *p, uint16_t *ret_mtu);
/* Any other "destination unreachable". */
bool icmp_error_is_unreachable(const struct packet *p);
#endif
