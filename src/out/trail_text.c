/* The trail as text.
 *
 * DOC: a line is
 *   TIME FLOW PACKET NODE KIND PROTO SRC > DST [=> PROTO SRC > DST] [REASON] [by WHO] [rule NAME] [FILE:LINE]
 *   [(DETAIL)]
 * with the time in seconds since the start, the packet's number in its flow, and after "=>" the addresses that a
 * translation made. Fields are separated by one space and not aligned, so that a longer name changes no other line of a
 * comparison. A file is named without its folders. "by" is left out where it only repeats the node and nothing was
 * decided by a rule. The trail has steps that no capture shows (filter, route). */
#include "out/trail_text.h"
#include "out/note.h"
#include "out/text.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HEADING                                                                                                        \
	"# time flow packet node kind addresses [=> addresses after] [reason] [by PLACE] [rule] [file:line] "          \
	"[(detail)]\n"

struct trail_text {
	struct note_flows flows;
	const struct capture_node *nodes;
	size_t n_nodes;
	struct output_file *file;
	struct buf *out;
};

int trail_text_new(const struct capture_config *config, struct output *output, struct trail_text **ret)
{
	*ret = NULL;
	struct trail_text *text = calloc(1, sizeof *text);
	if (!text)
		return -ENOMEM;
	text->flows = (struct note_flows){config->flow_names, config->flow_counts, config->n_flows};
	text->nodes = config->nodes;
	text->n_nodes = config->n_nodes;
	int r = output_open(output, TRAIL_TEXT_FILE, &text->file);
	if (r == 0) {
		text->out = output_buffer(text->file);
		r = output_write(text->file, HEADING, strlen(HEADING));
	}
	if (r < 0)
		text = trail_text_free(text);
	*ret = text;
	return r;
}

struct trail_text *trail_text_free(struct trail_text *text)
{
	free(text); /* the file is the output's */
	return NULL;
}

static size_t optional_bytes(const char *text)
{
	return !text ? 0 : strlen(text);
}

static const char *node_name(const struct trail_text *text, uint32_t node)
{
	return node < text->n_nodes ? text->nodes[node].name : "?";
}

static size_t line_bytes(const struct trail_text *text, const struct step *step)
{
	const struct verdict *verdict = &step->verdict;
	const size_t words_bytes = 128; /* kind, reason and all that is fixed */
	return 3 * TEXT_DECIMAL_BYTES + note_flow_bytes(&text->flows, step->flow) +
	       strlen(node_name(text, step->node)) + 2 * TUPLE_TEXT_BYTES + optional_bytes(verdict->by) +
	       optional_bytes(verdict->rule) + optional_bytes(verdict->detail) + text_place_bytes(verdict->place) +
	       words_bytes;
}

static char *put_verdict(char *at, const struct verdict *verdict, const char *node)
{
	bool decided = verdict->reason != REASON_NONE || verdict->rule || verdict->place.file;
	if (verdict->reason != REASON_NONE) {
		*at++ = ' ';
		at = text_copy(at, reason_name(verdict->reason));
	}
	if (verdict->by && (decided || strcmp(verdict->by, node) != 0))
		at = text_copy(text_copy(at, " by "), verdict->by);
	if (verdict->rule)
		at = text_copy(text_copy(at, " rule "), verdict->rule);
	if (verdict->place.file) {
		*at++ = ' ';
		at = text_place(at, verdict->place);
	}
	if (verdict->detail) {
		at = text_copy(text_copy(at, " ("), verdict->detail);
		*at++ = ')';
	}
	return at;
}

static char *put_step(char *at, const struct trail_text *text, const struct step *step)
{
	const char *node = node_name(text, step->node);
	at = text_seconds(at, step->at.ns);
	*at++ = ' ';
	at = note_flow(at, &text->flows, step->flow, step->index_in_flow);
	*at++ = ' ';
	at = text_decimal(at, step->packet->id);
	*at++ = ' ';
	at = text_copy(at, node);
	*at++ = ' ';
	at = text_copy(at, step_kind_name(step->kind));
	*at++ = ' ';
	at = text_tuple(at, &step->before);
	if (step->kind == STEP_TRANSLATE)
		at = text_tuple(text_copy(at, " => "), &step->after);
	at = put_verdict(at, &step->verdict, node);
	*at++ = '\n';
	return at;
}

static int trail_text_step(void *context, const struct step *step)
{
	struct trail_text *text = context;
	size_t bytes = line_bytes(text, step);
	if (buf_reserve(text->out, bytes)) {
		char *start = (char *)text->out->data + text->out->size_bytes;
		text->out->size_bytes += (size_t)(put_step(start, text, step) - start);
	}
	return output_checkpoint(text->file);
}

struct trail_observer trail_text_observer(struct trail_text *text)
{
	return (struct trail_observer){.wants = (1u << STEP_KIND_COUNT) - 1, .step = trail_text_step, .context = text};
}
