/* A merged capture handed over block by block while the run goes on; an observer of the trail. */
#ifndef PKTPATH_OUT_STREAM_H
#define PKTPATH_OUT_STREAM_H
#include "out/capture.h"

#define STREAM_EVERY UINT32_MAX
#define STREAM_PROBLEM_BYTES 256
struct stream_config {
	const struct capture_config
		*captures; /* names, nodes, start; its files and taps do not matter. Outlives the stream */
	enum capture_at at;
	uint32_t node;      /* of CAPTURE_NODE */
	uint32_t flow;      /* STREAM_EVERY */
	uint32_t index;     /* the connection of the flow; STREAM_EVERY */
	const char *filter; /* NULL: all packets */
	const char *name;   /* of the one interface where no packet came by: readers want one */
	/* Takes whole blocks. Negative: fatal, the run stops and forwards it. */
	int (*write)(void *context, struct instant at, const uint8_t *data, size_t size_bytes);
	void *context;
};

struct stream;
/* Hands over the head: section and host names. 0; 1 where the filter is wrong, with libpcap's words in `problem`; or a
 * negative errno. */
int stream_new(const struct stream_config *config, struct stream **ret, char problem[STREAM_PROBLEM_BYTES]);
struct trail_observer stream_observer(struct stream *stream);
/* Hands over the statistics of the interfaces. */
int stream_finish(struct stream *stream, struct instant end);
struct stream *stream_free(struct stream *stream);
#endif
