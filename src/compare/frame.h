/* A frame as named fields, so that two frames differ in words: "source port", "TTL". */
#ifndef PKTPATH_COMPARE_FRAME_H
#define PKTPATH_COMPARE_FRAME_H
#include "base/buf.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a comparison passes over. */
enum compare_ignore {
	COMPARE_IGNORE_PORTS = 1, /* ports of TCP and UDP, identifiers of ICMP: what a NAT chooses */
	COMPARE_IGNORE_IDS =
		/* numbers that a seed chooses: IP id, DNS id, TCP sequence and acknowledgment numbers; and a packet's
		 * own */
	2,
	COMPARE_IGNORE_TIME = 4,
};

enum field_kind {
	FIELD_NUMBER,
	FIELD_HEX,
	FIELD_MAC,
	FIELD_END_POINT,
	FIELD_TCP_FLAGS,
	FIELD_FRAGMENT,
	FIELD_CHECKSUM,
	FIELD_BYTES
};

struct field {
	const char *name;
	enum field_kind kind;
	unsigned
		/* enum compare_ignore; of an end point they speak of its port, of bytes of all but their number */
		ignored_by;
	bool inner;    /* of the packet in an ICMP error */
	bool has_port; /* of an end point */
	uint64_t
		/* an end point: address << 16 | port; a checksum: the sum of what it covers, 0xffff where it is
		 * right */
		number;
	const uint8_t *bytes; /* FIELD_BYTES; borrowed from the frame */
	size_t n_bytes;
};

#define FRAME_MAX_FIELDS 48
/* The frame's fields, in the order of its bytes. What is cut off has none. */
size_t frame_fields(const uint8_t *frame, size_t captured_bytes, struct field ret[static FRAME_MAX_FIELDS]);

/* What shows which packet of one capture is which of another: all that no NAT rewrites and no seed chooses. */
uint64_t frame_signature(const uint8_t *frame, size_t captured_bytes);
/* "SYN", "PSH, ACK with 200 bytes", "UDP with 64 bytes", "ICMP echo". Appended. */
void frame_describe(struct buf *out, const uint8_t *frame, size_t captured_bytes);

#define FIELD_FLAGS_BYTES 48
char *field_print_flags(uint64_t flags, char text[FIELD_FLAGS_BYTES]); /* "SYN, ACK" */

struct field_change {
	char name[48];
	char before[96], after[96];
	bool decided; /* NATs write this field */
};
/* The two fields, one of which may be NULL, are not the same: how. False where they are, or where it is to be
 * ignored. */
bool field_differs(const struct field *a, const struct field *b, unsigned ignore, struct field_change *ret);
#endif
