/* Captures as a stream: pcap and pcapng, in any byte order, pushed in pieces of any size. Memory is bounded by one block.
 * What cannot be used is passed over and counted. */
#ifndef PKTPATH_IMPORT_CAPTURE_READER_H
#define PKTPATH_IMPORT_CAPTURE_READER_H
#include "base/buf.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CAPTURE_MAX_BLOCK_BYTES (16u << 20)
#define CAPTURE_MAX_INTERFACES 65536u

struct captured_frame {
	int64_t unix_ns;
	uint32_t link_type; /* LINKTYPE_ of tcpdump.org */
	uint32_t interface; /* its number in the file */
	const uint8_t *data;
	uint32_t captured_bytes, frame_bytes;
};

struct capture_interface {
	uint32_t link_type;
	uint8_t exponent; /* units of time: 10^-exponent or, where binary, 2^-exponent seconds */
	bool binary;
	int64_t offset_s;
};

enum capture_format { CAPTURE_UNKNOWN, CAPTURE_CLASSIC, CAPTURE_NG };

struct capture_reader {
	void (*each)(void *context, const struct captured_frame *frame);
	void *context;
	enum capture_format format;
	bool swapped, nanoseconds;
	uint32_t link_type; /* of classic captures */
	struct capture_interface *interfaces;
	size_t n_interfaces, capacity_interfaces;
	struct buf rest;     /* of a piece: the beginning of a block */
	uint64_t skip_bytes; /* of a block that is passed over */
	uint64_t offset;     /* in the file, of what comes next */
	uint64_t n_frames, n_blocks_skipped;
	bool cut;            /* it ends within a block */
	const char *problem; /* NULL */
};

void capture_reader_init(struct capture_reader *reader, void (*each)(void *context, const struct captured_frame *frame),
			 void *context);
void capture_reader_deinit(struct capture_reader *reader);
/* 0; 1 where it is no capture, or damaged: problem says how, at `offset`; -ENOMEM. */
int capture_reader_feed(struct capture_reader *reader, const uint8_t *data, size_t bytes);
/* After the last piece. As capture_reader_feed(). */
int capture_reader_end(struct capture_reader *reader);
#endif
