/* Names in pcap-filter expressions. libpcap would look ports and protocols up in files of the machine, so a filter would
 * differ from machine to machine; here they become numbers by one fixed table before libpcap sees the text. */
#ifndef PKTPATH_OUT_FILTER_NAMES_H
#define PKTPATH_OUT_FILTER_NAMES_H
#include "base/buf.h"
#include <stdbool.h>

struct filter_word {
	const char *text;
	size_t bytes;
};
/* Appends the number of a port, or of a range of ports ("ftp-data-ssh": "20-22"); false where the name is unknown. A
 * leading backslash, libpcap's escape, is skipped. */
bool filter_port(struct filter_word name, struct buf *ret);
/* Appends the number of an IP protocol. */
bool filter_protocol(struct filter_word name, struct buf *ret);
#endif
