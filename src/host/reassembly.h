/* Datagrams put together again from their fragments (RFC 791 3.2, RFC 815). */
#ifndef PKTPATH_HOST_REASSEMBLY_H
#define PKTPATH_HOST_REASSEMBLY_H
#include "base/time.h"
#include "net/packet.h"

#define REASSEMBLY_TIMEOUT_NS (30 * NS_PER_S) /* as Linux (ipfrag_time); RFC 1122 3.3.2 has 60 to 120 s */
#define REASSEMBLY_MAX_DATAGRAMS                                                                                       \
	1024u /* that wait for pieces at once, over all machines; then the oldest is given up */

struct reassembly;
int reassembly_new(struct reassembly **ret);
struct reassembly *reassembly_free(struct reassembly *reassembly);
/* Takes note of a fragment that arrived at `machine`. *ret is the whole datagram where it was the last missing piece,
 * and stands until the next call; else NULL. 0, or -ENOMEM. */
int reassembly_add(struct reassembly *reassembly, uint32_t machine, const struct packet *fragment, struct instant now,
		   const struct packet **ret);
#endif
