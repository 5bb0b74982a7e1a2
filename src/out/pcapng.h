/* pcapng (draft-ietf-opsawg-pcapng), written by hand, little-endian on every machine: SHB, IDBs (Ethernet, one snaplen,
 * ns), NRB, EPBs, ISBs. */
#ifndef PKTPATH_OUT_PCAPNG_H
#define PKTPATH_OUT_PCAPNG_H
#include "base/buf.h"
#include "net/packet.h"

#define PCAPNG_SNAPLEN 262144u
enum pcapng_direction { PCAPNG_UNKNOWN = 0, PCAPNG_INBOUND = 1, PCAPNG_OUTBOUND = 2 };

/* Each appends one block to `out`. Comments longer than 65,535 bytes are cut at a character. NULL strings are left
 * out. */
void pcapng_section(struct buf *out, const char *application, const char *comment);
void pcapng_interface(struct buf *out, const char *name, const char *description, uint32_t snaplen);
struct pcapng_name {
	be32 addr;
	const char *name;
};
void pcapng_names(struct buf *out, const struct pcapng_name *names, size_t n);
void pcapng_packet(struct buf *out, uint32_t interface, int64_t unix_ns, const struct packet *packet, uint32_t snaplen,
		   enum pcapng_direction direction, const char *comment);
/* One more comment for the packet whose block begins at `block_at` of `out`, is the last there, and has a comment. */
void pcapng_packet_comment(struct buf *out, size_t block_at, const char *comment, size_t comment_bytes);
void pcapng_statistics(struct buf *out, uint32_t interface, int64_t start_unix_ns, int64_t end_unix_ns,
		       uint64_t received, uint64_t dropped);
#endif
