/* Which step goes into which file.
 *
 * DOC: three files by default. A flow's merged file takes STEP_REALM steps: each packet once a realm of addresses. A
 * point's file takes STEP_SEEN steps at end points and NATs, as a capture on that machine (for a NAT, on its outside)
 * would. drops.pcapng takes STEP_DROP steps of all flows, and the merged file has the beginning of each: the same
 * segment whole a second time is a retransmission to Wireshark, while the ports and the sequence number alone are not
 * analysed. Taps of the scenario come on top.
 *
 * Files of flows open at their first record, since most flows of a large scenario may never run; files of taps open at
 * once, since the user asked for them by name, and has to see that they are empty. */
#include "out/capture.h"
#include "out/capture_trace.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct flow_files {
	struct trace merged;
	struct node_map by_node; /* node -> points[] */
	struct output_file **points;
	uint32_t n_points, capacity_points;
};

struct tap_file {
	const struct capture_tap *config;
	struct trace trace;
	bool *flows; /* NULL: all */
	struct filter *filter;
};

struct capture {
	struct capture_config config;
	struct trace_common common;
	struct flow_files *flows;
	struct trace drops;
	struct tap_file *taps;
};

#define KIND(k) (UINT32_C(1) << (k))
/* Filter and route steps are decisions inside a node: nothing passes a capture there, but notes show them. */
#define KINDS_DECIDED (KIND(STEP_FILTER) | KIND(STEP_ROUTE))
#define KINDS_SEEN                                                                                                     \
	(KIND(STEP_ORIGINATE) | KIND(STEP_TRANSLATE) | KIND(STEP_FORWARD) | KIND(STEP_DROP) | KIND(STEP_DELIVER))
/* A router that cuts a packet into fragments sends the first of them as the packet that it took, and in a shape that
 * the file has not seen. */
#define KINDS_REALM (KIND(STEP_ORIGINATE) | KIND(STEP_TRANSLATE) | KIND(STEP_FORWARD))

static const struct trace_options DEFAULT_TRACE = {.snaplen = PCAPNG_SNAPLEN, .notes = true, .names = true};

/* ---- recording ---- */

#define FILE_NAME_BYTES 256 /* NAME_MAX and the NUL */

/* FLOW.pcapng, FLOW@POINT.pcap; a slash in a name becomes a dot. */
static int file_name(char name[FILE_NAME_BYTES], const char *flow, const char *point, const char *suffix)
{
	const char *const parts[] = {flow, !point ? "" : "@", !point ? "" : point, suffix};
	size_t n = 0;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		size_t bytes = strlen(parts[i]);
		if (n + bytes >= FILE_NAME_BYTES)
			return -ENAMETOOLONG;
		for (size_t k = 0; k < bytes; k++)
			name[n++] = parts[i][k] == '/' ? '.' : parts[i][k];
	}
	name[n] = '\0';
	return 0;
}

static int record_merged(struct capture *capture, const struct step *step)
{
	struct trace *trace = &capture->flows[step->flow].merged;
	if (!trace->file) {
		char name[FILE_NAME_BYTES];
		int r = file_name(name, capture->config.flow_names[step->flow], NULL, ".pcapng");
		if (r == 0)
			r = trace_open(&capture->common, trace, name, DEFAULT_TRACE);
		if (r < 0)
			return r;
	}
	return step->kind == STEP_DROP ? trace_quote_drop(&capture->common, trace, step)
				       : trace_record(&capture->common, trace, step);
}

static int open_point(struct capture *capture, struct flow_files *flow, const struct step *step, uint32_t *ret)
{
	char name[FILE_NAME_BYTES];
	int r = file_name(name, capture->config.flow_names[step->flow], capture->config.nodes[step->node].name,
			  ".pcap");
	if (r < 0)
		return r;
	if (flow->n_points == flow->capacity_points) {
		uint32_t capacity = flow->capacity_points == 0 ? 4 : 2 * flow->capacity_points;
		struct output_file **points = realloc(flow->points, capacity * sizeof *points);
		if (!points)
			return -ENOMEM;
		flow->points = points;
		flow->capacity_points = capacity;
	}
	struct output_file *file;
	r = output_open(capture->common.output, name, &file);
	if (r == 0)
		r = pcap_writer_header(capture->common.pcap, output_buffer(file), PCAP_SNAPLEN);
	if (r == 0)
		r = node_map_add(&flow->by_node, step->node, flow->n_points);
	if (r < 0)
		return r;
	*ret = flow->n_points;
	flow->points[flow->n_points++] = file;
	return 0;
}

static int record_point(struct capture *capture, const struct step *step)
{
	struct flow_files *flow = &capture->flows[step->flow];
	uint32_t point;
	if (!node_map_find(&flow->by_node, step->node, &point)) {
		int r = open_point(capture, flow, step, &point);
		if (r < 0)
			return r;
	}
	struct output_file *file = flow->points[point];
	pcap_packet(output_buffer(file), capture->config.start_unix_ns + step->at.ns, step->packet, PCAP_SNAPLEN);
	return output_checkpoint(file);
}

static int record_drop(struct capture *capture, const struct step *step)
{
	struct trace *trace = &capture->drops;
	if (!trace->file) {
		int r = trace_open(&capture->common, trace, "drops.pcapng", DEFAULT_TRACE);
		if (r < 0)
			return r;
	}
	return trace_record_drop(&capture->common, trace, step);
}

bool capture_at_takes(enum capture_at at, uint32_t node, const struct step *step)
{
	switch (at) {
	case CAPTURE_REALMS:
		return (step->flags & STEP_REALM) != 0;
	case CAPTURE_ALL:
		return (step->flags & STEP_SEEN) != 0;
	case CAPTURE_DROPS:
		return step->kind == STEP_DROP;
	case CAPTURE_NODE:
		return (step->flags & STEP_SEEN) != 0 && step->node == node;
	}
	return false;
}

static bool tap_takes(const struct tap_file *tap, const struct step *step)
{
	if (tap->flows && !tap->flows[step->flow])
		return false;
	return capture_at_takes(tap->config->at, tap->config->node, step) &&
	       (!tap->filter || filter_matches(tap->filter, step->packet));
}

static int record_taps(struct capture *capture, const struct step *step)
{
	for (size_t i = 0; i < capture->config.n_taps; i++) {
		struct tap_file *tap = &capture->taps[i];
		if (!tap_takes(tap, step))
			continue;
		int r = tap->config->at == CAPTURE_DROPS ? trace_record_drop(&capture->common, &tap->trace, step)
							 : trace_record(&capture->common, &tap->trace, step);
		if (r < 0)
			return r;
	}
	return 0;
}

static bool is_point(const struct capture_config *config, uint32_t node)
{
	return node < config->n_nodes && (config->nodes[node].is_end_point || config->nodes[node].is_nat);
}

static int capture_step(void *context, const struct step *step)
{
	struct capture *capture = context;
	if (step->flow >= capture->config.n_flows)
		return -EINVAL;
	bool recordable;
	int r = trace_step(&capture->common, step, &recordable);
	if (r < 0 || !recordable)
		return r;
	if (capture->config.defaults) {
		if ((step->flags & STEP_REALM) != 0 || step->kind == STEP_DROP)
			r = record_merged(capture, step);
		if (r == 0 && (step->flags & STEP_SEEN) != 0 && is_point(&capture->config, step->node))
			r = record_point(capture, step);
		if (r == 0 && step->kind == STEP_DROP)
			r = record_drop(capture, step);
	}
	return r == 0 && capture->config.n_taps > 0 ? record_taps(capture, step) : r;
}

/* ---- beginning and end ---- */

static int open_tap(struct capture *capture, struct tap_file *tap, const struct capture_tap *config)
{
	tap->config = config;
	if (config->flows) {
		tap->flows = calloc(capture->config.n_flows + 1, sizeof(*tap->flows));
		if (!tap->flows)
			return -ENOMEM;
		for (size_t i = 0; i < config->n_flows; i++) {
			if (config->flows[i] < capture->config.n_flows)
				tap->flows[config->flows[i]] = true;
		}
	}
	if (config->filter) {
		char errbuf[256];
		int r = filter_new(config->filter, &tap->filter, errbuf);
		if (r != 0)
			return r < 0 ? r : -EINVAL;
	}
	size_t bytes = strlen(config->file);
	struct trace_options options = {.snaplen = config->snaplen, .notes = config->notes, .names = config->names};
	options.classic = bytes >= 5 && strcmp(config->file + bytes - 5, ".pcap") == 0;
	return trace_open(&capture->common, &tap->trace, config->file, options);
}

int capture_new(const struct capture_config *config, struct output *output, struct capture **ret)
{
	*ret = NULL;
	struct capture *capture = calloc(1, sizeof *capture);
	if (!capture)
		return -ENOMEM;
	capture->config = *config;
	capture->common.config = &capture->config;
	capture->common.output = output;
	capture->common.flows = (struct note_flows){config->flow_names, config->flow_counts, config->n_flows};
	capture->flows = calloc(config->n_flows + 1, sizeof(*capture->flows));
	capture->taps = calloc(config->n_taps + 1, sizeof(*capture->taps));
	int r = !capture->flows || !capture->taps ? -ENOMEM : pcap_writer_new(&capture->common.pcap);
	if (r == 0)
		r = trace_preambles(&capture->common);
	for (size_t i = 0; r == 0 && i < config->n_taps; i++)
		r = open_tap(capture, &capture->taps[i], &config->taps[i]);
	if (r < 0)
		capture_free(capture);
	else
		*ret = capture;
	return r;
}

uint32_t capture_at_wants(enum capture_at at)
{
	switch (at) {
	case CAPTURE_REALMS:
		return KINDS_REALM | KINDS_DECIDED;
	case CAPTURE_ALL:
	case CAPTURE_NODE:
		return KINDS_SEEN | KINDS_DECIDED;
	case CAPTURE_DROPS:
		return KIND(STEP_DROP);
	}
	return 0;
}

struct trail_observer capture_observer(struct capture *capture)
{
	uint32_t wants = capture->config.defaults ? KINDS_SEEN | KINDS_DECIDED : 0;
	for (size_t i = 0; i < capture->config.n_taps; i++) {
		uint32_t more = capture_at_wants(capture->config.taps[i].at);
		wants |= capture->taps[i].trace.options.notes && !capture->taps[i].trace.options.classic
				 ? more
				 : more & ~KINDS_DECIDED;
	}
	return (struct trail_observer){.wants = wants, .step = capture_step, .context = capture};
}

static const char *idle_name(const struct capture *capture, const struct capture_tap *tap)
{
	switch (tap->at) {
	case CAPTURE_REALMS:
		return "realms";
	case CAPTURE_ALL:
		return "all";
	case CAPTURE_DROPS:
		return "drops";
	case CAPTURE_NODE:
		return tap->node < capture->config.n_nodes ? capture->config.nodes[tap->node].name : NULL;
	}
	return NULL;
}

int capture_finish(struct capture *capture, struct instant end)
{
	struct trace_common *common = &capture->common;
	int64_t end_unix_ns = capture->config.start_unix_ns + end.ns;
	int r = trace_seal(common);
	r = r == 0 ? trace_finish(common, &capture->drops, end_unix_ns, NULL) : r;
	for (size_t i = 0; r == 0 && i < capture->config.n_flows; i++)
		r = trace_finish(common, &capture->flows[i].merged, end_unix_ns, NULL);
	for (size_t i = 0; r == 0 && i < capture->config.n_taps; i++)
		r = trace_finish(common, &capture->taps[i].trace, end_unix_ns,
				 idle_name(capture, &capture->config.taps[i]));
	return r;
}

struct capture *capture_free(struct capture *capture)
{
	if (!capture)
		return NULL;
	for (size_t i = 0; capture->flows && i < capture->config.n_flows; i++) {
		trace_deinit(&capture->flows[i].merged);
		node_map_deinit(&capture->flows[i].by_node);
		free(capture->flows[i].points);
	}
	for (size_t i = 0; capture->taps && i < capture->config.n_taps; i++) {
		trace_deinit(&capture->taps[i].trace);
		free(capture->taps[i].flows);
		filter_free(capture->taps[i].filter);
	}
	trace_deinit(&capture->drops);
	pcap_writer_free(capture->common.pcap);
	trace_common_deinit(&capture->common);
	free(capture->flows);
	free(capture->taps);
	free(capture);
	return NULL;
}
