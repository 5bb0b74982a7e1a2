/* A capture file: a section, interfaces as they are met, behind the first of them the host names, packets, statistics at the end.
 *
 * DOC: an interface block is written when a node first appears in the file, so that a file names only the places that its packets passed.
 * Interfaces of ordinary records are found by node; those of drops by the name of who dropped ("drops:nsg/only-ase-one"), because that is
 * what one looks for. A classic file has neither. The note of a step is the same in whatever file it goes to and is written once. */
#include "out/capture_trace.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int trace_preambles(struct trace_common *common)
{
	const struct capture_config *config = common->config;
	struct buf *preamble = common->preamble;
	pcapng_section(&preamble[0], config->application, config->comment);
	pcapng_names(&preamble[1], config->names, config->n_names);
	return buf_failed(&preamble[0]) || buf_failed(&preamble[1]) ? -ENOMEM : 0;
}

void trace_common_deinit(struct trace_common *common)
{
	buf_free(&common->preamble[0]);
	buf_free(&common->preamble[1]);
	buf_free(&common->note);
}

int trace_open(struct trace_common *common, struct trace *trace, const char *name, struct trace_options options)
{
	int r = output_open(common->output, name, &trace->file);
	if (r < 0)
		return r;
	trace->options = options;
	trace->out = output_buffer(trace->file);
	if (options.classic) {
		r = pcap_writer_header(common->pcap, trace->out, options.snaplen);
		return r < 0 ? r : output_checkpoint(trace->file);
	}
	return output_write(trace->file, common->preamble[0].data, common->preamble[0].size_bytes);
}

int trace_open_buffer(struct trace_common *common, struct trace *trace, struct buf *out, struct trace_options options)
{
	trace->options = options;
	trace->out = out;
	buf_append(out, common->preamble[0].data, common->preamble[0].size_bytes);
	return buf_failed(out) ? -ENOMEM : 0;
}

static int checkpoint(const struct trace *trace)
{
	if (trace->file != NULL)
		return output_checkpoint(trace->file);
	return buf_failed(trace->out) ? -ENOMEM : 0;
}

static int reserve_interface(struct trace *trace)
{
	if (trace->n_interfaces < trace->capacity)
		return 0;
	uint32_t capacity = trace->capacity == 0 ? 8 : 2 * trace->capacity;
	uint64_t *received = realloc(trace->received, capacity * sizeof(*received));
	if (received == NULL)
		return -ENOMEM;
	trace->received = received;
	trace->capacity = capacity;
	return 0;
}

/* Names stand behind the first interface: editcap and mergecap look for that right behind the section, and otherwise take the file for one of no link type. */
static uint32_t add_interface(const struct trace_common *common, struct trace *trace, const char *name, const char *description)
{
	pcapng_interface(trace->out, name, description, trace->options.snaplen);
	if (trace->n_interfaces == 0 && trace->options.names)
		buf_append(trace->out, common->preamble[1].data, common->preamble[1].size_bytes);
	trace->received[trace->n_interfaces] = 0;
	return trace->n_interfaces++;
}

static int node_interface(const struct trace_common *common, struct trace *trace, uint32_t node, uint32_t *ret)
{
	if (node_map_find(&trace->by_node, node, ret))
		return 0;
	int r = reserve_interface(trace);
	if (r == 0)
		r = node_map_add(&trace->by_node, node, trace->n_interfaces);
	if (r < 0)
		return r;
	const struct capture_node *known = node < common->config->n_nodes ? &common->config->nodes[node] : NULL;
	*ret = add_interface(common, trace, known == NULL ? NULL : known->name, known == NULL ? NULL : known->description);
	return 0;
}

#define DROPS "drops:"
static int dropper_interface(const struct trace_common *common, struct trace *trace, const char *by, uint32_t *ret)
{
	if (names_find(&trace->by_dropper, by, ret))
		return 0;
	int r = reserve_interface(trace);
	if (r < 0)
		return r;
	char **droppers = realloc(trace->droppers, (trace->n_droppers + 1) * sizeof(*droppers));
	if (droppers == NULL)
		return -ENOMEM;
	trace->droppers = droppers;
	size_t by_bytes = strlen(by) + 1;
	char *name = malloc(strlen(DROPS) + by_bytes);
	if (name == NULL)
		return -ENOMEM;
	memcpy(name, DROPS, strlen(DROPS));
	memcpy(name + strlen(DROPS), by, by_bytes);
	trace->droppers[trace->n_droppers++] = name;
	r = names_add(&trace->by_dropper, name + strlen(DROPS), trace->n_interfaces);
	if (r < 0)
		return r;
	*ret = add_interface(common, trace, name, "packets that ended here, and why");
	return 0;
}

static const char *note_of(struct trace_common *common, const struct step *step)
{
	if (common->note_ready)
		return (const char *)common->note.data;
	const char *note = note_step(&common->note, &common->flows, step);
	common->note_ready = note != NULL;
	return note;
}

static int record_at(struct trace_common *common, struct trace *trace, const struct step *step, uint32_t interface, uint32_t snaplen)
{
	const char *note = NULL;
	if (trace->options.notes && (note = note_of(common, step)) == NULL)
		return -ENOMEM;
	enum pcapng_direction direction = (step->flags & STEP_INBOUND) != 0 ? PCAPNG_INBOUND : PCAPNG_OUTBOUND;
	trace->received[interface]++;
	pcapng_packet(trace->out, interface, common->config->start_unix_ns + step->at.ns, step->packet, snaplen, direction, note);
	return checkpoint(trace);
}

static int record_classic(struct trace_common *common, struct trace *trace, const struct step *step)
{
	pcap_writer_packet(common->pcap, trace->out, common->config->start_unix_ns + step->at.ns, step->packet, trace->options.snaplen);
	return checkpoint(trace);
}

int trace_record(struct trace_common *common, struct trace *trace, const struct step *step)
{
	if (trace->options.classic)
		return record_classic(common, trace, step);
	uint32_t interface;
	int r = node_interface(common, trace, step->node, &interface);
	return r < 0 ? r : record_at(common, trace, step, interface, trace->options.snaplen);
}

static int drop_at(struct trace_common *common, struct trace *trace, const struct step *step, uint32_t snaplen)
{
	uint32_t interface;
	int r = dropper_interface(common, trace, step->verdict.by == NULL ? "" : step->verdict.by, &interface);
	return r < 0 ? r : record_at(common, trace, step, interface, snaplen);
}

int trace_record_drop(struct trace_common *common, struct trace *trace, const struct step *step)
{
	if (trace->options.classic)
		return record_classic(common, trace, step);
	return drop_at(common, trace, step, trace->options.snaplen);
}

int trace_quote_drop(struct trace_common *common, struct trace *trace, const struct step *step)
{
	return drop_at(common, trace, step, PACKET_L4_AT + 8 - PACKET_ETHERNET_AT);
}

int trace_finish(struct trace_common *common, struct trace *trace, int64_t end_unix_ns, const char *idle_name)
{
	if (trace->out == NULL || trace->options.classic)
		return 0;
	if (trace->n_interfaces == 0) {
		int r = reserve_interface(trace);
		if (r < 0)
			return r;
		(void)add_interface(common, trace, idle_name, "no packet came by");
	}
	/* Dropped is what a capture missed, and it missed nothing; what the network dropped stands in drops.pcapng. */
	for (uint32_t i = 0; i < trace->n_interfaces; i++)
		pcapng_statistics(trace->out, i, common->config->start_unix_ns, end_unix_ns, trace->received[i], 0);
	return checkpoint(trace);
}

void trace_deinit(struct trace *trace)
{
	node_map_deinit(&trace->by_node);
	names_deinit(&trace->by_dropper);
	for (uint32_t i = 0; i < trace->n_droppers; i++)
		free(trace->droppers[i]);
	free(trace->droppers);
	free(trace->received);
	*trace = (struct trace){0};
}
