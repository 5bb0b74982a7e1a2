/* What machines remember of the paths to other addresses: the largest packet that passes (RFC 1191 3).
 *
 * DOC: an ICMP "fragmentation needed" is about a path, not about the connection whose segment met it. So the next
 * connections of the machine to that address begin with segments that fit, and its datagrams leave in fragments that
 * fit, from whichever port. After ten minutes the machine tries the full size again (RFC 1191 6.3; Linux's
 * mtu_expires). */
#ifndef PKTPATH_HOST_PATH_MTU_H
#define PKTPATH_HOST_PATH_MTU_H
#include "base/time.h"
#include "net/prefix.h"

#define PATH_MTU_UNKNOWN 1500u

struct path_mtus;
int path_mtus_new(struct path_mtus **ret); /* 0 or -ENOMEM */
struct path_mtus *path_mtus_free(struct path_mtus *mtus);
/* In bytes of IP; PATH_MTU_UNKNOWN where nothing is remembered. `mtus` may be NULL. */
uint32_t path_mtu(const struct path_mtus *mtus, uint32_t machine, be32 to, struct instant now);
/* A router said so. Never below 576, as a forged error must not make a path crawl. 0 or -ENOMEM. */
int path_mtu_learn(struct path_mtus *mtus, uint32_t machine, be32 to, uint32_t mtu_bytes, struct instant now);
#endif
