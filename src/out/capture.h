/* Captures of a run: FLOW.pcapng, FLOW@POINT.pcap, drops.pcapng and the scenario's own taps; an observer of the trail.
 *
 * DOC: a step says itself what to record: STEP_REALM steps go into merged files (a packet is recorded when its
 * originator sends it and again after each rewrite, so that Wireshark sees no false retransmission), STEP_SEEN
 * steps into the file of their point. */
#ifndef PKTPATH_OUT_CAPTURE_H
#define PKTPATH_OUT_CAPTURE_H
#include "out/filter.h"
#include "out/pcapng.h"
#include "out/writer.h"
#include "sim/trail.h"

enum capture_at { CAPTURE_REALMS, CAPTURE_ALL, CAPTURE_DROPS, CAPTURE_NODE };
struct capture_tap {      /* plain values: the owner translates the scenario's taps */
	const char *file; /* ".pcap" at the end: classic, else pcapng */
	enum capture_at at;
	uint32_t node;
	const uint32_t *flows; /* NULL: all */
	size_t n_flows;
	uint32_t snaplen;
	const char *filter; /* NULL: all; known to compile */
	bool notes, names;
};
struct capture_node {
	const char *name;
	const char *description;
	bool is_end_point, is_nat;
};
struct capture_config {
	const char *application; /* "pktpath 0.2.0" */
	const char *comment;     /* of the section: scenario and seed */
	int64_t start_unix_ns;
	const char *const *flow_names;
	const uint32_t *flow_counts; /* connections of each flow, for names in notes */
	size_t n_flows;
	const struct capture_node *nodes;
	size_t n_nodes;
	const struct pcapng_name *names;
	size_t n_names;
	bool defaults; /* FLOW.pcapng, FLOW@POINT.pcap for end points and outsides of NATs, drops.pcapng */
	const struct capture_tap *taps;
	size_t n_taps;
	/* Of a DROP step: a second note, why the packet was lost and what helps. NULL: notes have the reason alone. */
	void (*cause)(void *context, const struct step *step, struct buf *note);
	void *cause_context;
};

/* Does a capture of this kind record the step? `node` is for CAPTURE_NODE. And which kinds of steps (bits) need it be
 * reported of? */
bool capture_at_takes(enum capture_at at, uint32_t node, const struct step *step);
uint32_t capture_at_wants(enum capture_at at);

struct capture;
/* All that `config` points at outlives the capture. */
int capture_new(const struct capture_config *config, struct output *output, struct capture **ret);
struct trail_observer capture_observer(struct capture *capture);
/* Writes statistics blocks; the files are committed with the output. */
int capture_finish(struct capture *capture, struct instant end);
struct capture *capture_free(struct capture *capture);
#endif
