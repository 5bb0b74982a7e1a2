/* A capture file: a section, interfaces as they are met, behind the first of them the host names, packets, statistics
 * at the end.
 *
 * DOC: an interface block is written when a node first appears in the file, so that a file names only the places that
 * its packets passed. Interfaces of ordinary records are found by node; those of drops by the name of who dropped
 * ("drops:nsg/only-ase-one"), because that is what one looks for. A classic file has neither. The note of a step is the
 * same in whatever file it goes to and is written once. What groups and route tables decide about a packet they decide
 * before it came to an end point, or after it was sent or rewritten, at the same instant: these notes stand behind the
 * record's own, so a record with notes is sealed only by the next step that is none of these. What was sent and comes
 * in somewhere has crossed a link, at the same instant where that has no latency: what is decided there is about its
 * arrival. */
#include "out/capture_trace.h"
#include "out/text.h"
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
	buf_free(&common->cause);
	buf_free(&common->decisions.text);
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
	if (trace->file)
		return output_checkpoint(trace->file);
	return buf_failed(trace->out) ? -ENOMEM : 0;
}

static int reserve_interface(struct trace *trace)
{
	if (trace->n_interfaces < trace->capacity)
		return 0;
	uint32_t capacity = trace->capacity == 0 ? 8 : 2 * trace->capacity;
	uint64_t *received = realloc(trace->received, capacity * sizeof *received);
	if (!received)
		return -ENOMEM;
	trace->received = received;
	trace->capacity = capacity;
	return 0;
}

/* Names stand behind the first interface: editcap and mergecap look for that right behind the section, and otherwise
 * take the file for one of no link type. */
static uint32_t add_interface(const struct trace_common *common, struct trace *trace, const char *name,
			      const char *description)
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
	*ret = add_interface(common, trace, !known ? NULL : known->name, !known ? NULL : known->description);
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
	char **droppers = realloc(trace->droppers, (trace->n_droppers + 1) * sizeof *droppers);
	if (!droppers)
		return -ENOMEM;
	trace->droppers = droppers;
	size_t by_bytes = strlen(by) + 1;
	char *name = malloc(strlen(DROPS) + by_bytes);
	if (!name)
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
	common->note_ready = note;
	return note;
}

/* ---- notes of decisions ---- */

static bool comes_in(const struct step *step)
{
	return (step->flags & STEP_INBOUND) != 0;
}

/* Is it about the packet where it is: has it not changed, nor gone on, since the step before? */
static bool is_of(const struct trace_decisions *decisions, const struct step *step)
{
	return (decisions->inbound || !comes_in(step)) && decisions->packet == step->packet->id &&
	       decisions->flow == step->flow && decisions->index_in_flow == step->index_in_flow &&
	       decisions->at.ns == step->at.ns;
}

static void forget_decisions(struct trace_decisions *decisions, const struct step *step)
{
	decisions->flow = step->flow;
	decisions->index_in_flow = step->index_in_flow;
	decisions->packet = step->packet->id;
	decisions->at = step->at;
	decisions->n = 0;
	buf_clear(&decisions->text);
}

static int take_decision(struct trace_decisions *decisions, const struct step *step)
{
	if (decisions->n == TRACE_MAX_DECISIONS)
		return 0;
	size_t at = decisions->text.size_bytes;
	if (!note_decision(&decisions->text, step))
		return -ENOMEM;
	decisions->items[decisions->n++] = (struct trace_decision){step->node, at, decisions->text.size_bytes - at};
	return 0;
}

/* Of what was decided before the packet was recorded that belongs to the record which was decided at the same place. */
static void put_decisions(const struct trace_common *common, struct trace *trace)
{
	const struct trace_decisions *decisions = &common->decisions;
	for (uint32_t i = 0; i < decisions->n; i++) {
		const struct trace_decision *decision = &decisions->items[i];
		if (i >= common->n_decided || decision->node == common->unsealed_node)
			pcapng_packet_comment(trace->out, trace->last_block_at,
					      (const char *)decisions->text.data + decision->text_at,
					      decision->text_bytes);
	}
}

int trace_seal(struct trace_common *common)
{
	int r = 0;
	while (common->unsealed) {
		struct trace *trace = common->unsealed;
		common->unsealed = trace->next_unsealed;
		put_decisions(common, trace);
		r = r == 0 ? checkpoint(trace) : r;
	}
	return r;
}

int trace_step(struct trace_common *common, const struct step *step, bool *ret_recordable)
{
	bool same = is_of(&common->decisions, step);
	*ret_recordable = step->kind != STEP_FILTER && step->kind != STEP_ROUTE;
	int r = *ret_recordable || !same ? trace_seal(common) : 0;
	if (!same)
		forget_decisions(&common->decisions, step);
	common->decisions.inbound = comes_in(step);
	common->note_ready = false;
	return r == 0 && !*ret_recordable ? take_decision(&common->decisions, step) : r;
}

/* ---- records ---- */

/* Why the packet was lost, behind the note that says where and by whose decision. */
static void put_cause(struct trace_common *common, struct trace *trace, const struct step *step)
{
	const struct capture_config *config = common->config;
	buf_clear(&common->cause);
	if (config->cause)
		config->cause(config->cause_context, step, &common->cause);
	if (common->cause.size_bytes > 0)
		pcapng_packet_comment(trace->out, trace->last_block_at, buf_text(&common->cause),
				      common->cause.size_bytes);
}

/* When it was lost: a file of losses begins with its first, and Wireshark counts from there. */
static void put_instant(struct trace *trace, const struct step *step)
{
	char text[64], *end = text_copy(text_seconds(text_copy(text, "lost at "), step->at.ns), " s of the run");
	pcapng_packet_comment(trace->out, trace->last_block_at, text, (size_t)(end - text));
}

static int record_at(struct trace_common *common, struct trace *trace, const struct step *step, uint32_t interface,
		     uint32_t snaplen)
{
	const char *note = NULL;
	if (trace->options.notes && !(note = note_of(common, step)))
		return -ENOMEM;
	enum pcapng_direction direction = comes_in(step) ? PCAPNG_INBOUND : PCAPNG_OUTBOUND;
	trace->received[interface]++;
	trace->last_block_at = trace->out->size_bytes;
	pcapng_packet(trace->out, interface, common->config->start_unix_ns + step->at.ns, step->packet, snaplen,
		      direction, note);
	/* A lost packet goes nowhere, and its own note says who decided. */
	if (trace->options.notes && step->kind == STEP_DROP) {
		put_cause(common, trace, step);
		put_instant(trace, step);
	}
	if (!trace->options.notes || step->kind == STEP_DROP)
		return checkpoint(trace);
	if (trace->file)
		output_hold(trace->file);
	trace->next_unsealed = common->unsealed;
	common->unsealed = trace;
	common->unsealed_node = step->node;
	common->n_decided = common->decisions.n;
	return 0;
}

static int record_classic(struct trace_common *common, struct trace *trace, const struct step *step)
{
	pcap_packet(trace->out, common->config->start_unix_ns + step->at.ns, step->packet, trace->options.snaplen);
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
	int r = dropper_interface(common, trace, !step->verdict.by ? "" : step->verdict.by, &interface);
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
	if (!trace->out || trace->options.classic)
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
