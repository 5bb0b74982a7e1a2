/* Classic captures: nanosecond Ethernet pcap, their headers by libpcap. */
#ifndef PKTPATH_OUT_PCAP_H
#define PKTPATH_OUT_PCAP_H
#include "base/buf.h"
#include "net/packet.h"

#define PCAP_SNAPLEN 262144u

/* One serves any number of files. */
struct pcap_writer;
/* 0 or -ENOMEM. */
int pcap_writer_new(struct pcap_writer **ret);
struct pcap_writer *pcap_writer_free(struct pcap_writer *writer);
/* Appends the file header. 0, -ENOMEM, or -EIO where libpcap refused. */
int pcap_writer_header(struct pcap_writer *writer, struct buf *out, uint32_t snaplen);
/* Appends a record; short memory shows in buf_failed(out). */
void pcap_packet(struct buf *out, int64_t unix_ns, const struct packet *packet, uint32_t snaplen);
#endif
