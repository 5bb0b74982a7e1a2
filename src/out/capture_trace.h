/* One capture file of a run while it is being recorded. Used by capture.c alone. */
#ifndef PKTPATH_OUT_CAPTURE_TRACE_H
#define PKTPATH_OUT_CAPTURE_TRACE_H
#include "base/names.h"
#include "out/capture.h"
#include "out/node_map.h"
#include "out/note.h"
#include "out/pcap.h"

/* What was decided on the packet of the latest step since it came to where it is, in this instant. */
struct trace_decision {
	uint32_t node;
	size_t text_at, text_bytes;
};
#define TRACE_MAX_DECISIONS 16 /* of further ones the notes say nothing */
struct trace_decisions {
	uint32_t flow, index_in_flow;
	uint64_t packet;
	struct instant at;
	bool inbound; /* the step came into its node */
	struct buf text;
	struct trace_decision items[TRACE_MAX_DECISIONS];
	uint32_t n;
};

struct trace_common { /* what all traces of a capture share */
	const struct capture_config *config;
	struct output *output;
	struct pcap_writer *pcap;
	struct note_flows flows;
	struct buf preamble[2]; /* the section block; the host names */
	struct buf note, cause;
	bool note_ready; /* of the present step */
	struct trace_decisions decisions;
	struct trace *
		/* those in which the latest packet was recorded: what is decided on it on its way on is still to
		 * come */
		unsealed;
	uint32_t unsealed_node; /* where that was, */
	uint32_t n_decided;     /* and how much had been decided before */
};

struct trace_options {
	uint32_t snaplen;
	bool classic; /* pcap, without interfaces and notes */
	bool notes;
	bool names;
};

struct trace {
	struct output_file *file; /* NULL: not open, or not a file */
	struct buf *out;          /* NULL: not open */
	struct trace_options options;
	struct node_map by_node; /* node -> interface */
	struct names by_dropper; /* "nsg/only-ase-one" -> interface */
	char **droppers;         /* owns the names of by_dropper */
	uint64_t *received;      /* of each interface */
	uint32_t n_interfaces, n_droppers, capacity;
	size_t last_block_at; /* of the packet, while unsealed */
	struct trace *next_unsealed;
};

/* All return 0 or a negative errno. */
/* Before a step is recorded: seals what the step before recorded, or keeps what a group or table decided. True in
 * *ret_recordable where it is no such decision. */
int trace_step(struct trace_common *common, const struct step *step, bool *ret_recordable);
/* Writes what was decided behind the latest packet's note. Also before a trace is finished. */
int trace_seal(struct trace_common *common);
int trace_preambles(struct trace_common *common);
void trace_common_deinit(struct trace_common *common); /* but for the writers, which are their owners' */
int trace_open(struct trace_common *common, struct trace *trace, const char *name, struct trace_options options);
/* The same into a buffer, which the caller empties. Not for classic captures. */
int trace_open_buffer(struct trace_common *common, struct trace *trace, struct buf *out, struct trace_options options);
/* Records the step's packet as seen at its node. */
int trace_record(struct trace_common *common, struct trace *trace, const struct step *step);
/* Records the packet on the interface of the one that dropped it. */
int trace_record_drop(struct trace_common *common, struct trace *trace, const struct step *step);
/* The same, cut to what an ICMP error would quote of it: the IP header and eight bytes. */
int trace_quote_drop(struct trace_common *common, struct trace *trace, const struct step *step);
/* `idle_name` is the interface of a pcapng file in which nothing was recorded: readers want one. */
int trace_finish(struct trace_common *common, struct trace *trace, int64_t end_unix_ns, const char *idle_name);
void trace_deinit(struct trace *trace);
#endif
