/* pcap-filter expressions, compiled by libpcap on a dead handle, run on a packet's bytes. */
#ifndef PKTPATH_OUT_FILTER_H
#define PKTPATH_OUT_FILTER_H
#include "net/packet.h"

struct filter;
/* 0; -ENOMEM; or 1 where the expression is wrong (libpcap's words in errbuf, 256 bytes). */
int filter_new(const char *expression, struct filter **ret, char *errbuf);
struct filter *filter_free(struct filter *filter);
bool filter_matches(const struct filter *filter, const struct packet *packet);
#endif
