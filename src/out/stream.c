/* A capture that is read while it grows.
 *
 * DOC: the same blocks as in a file (capture_trace.c), but nothing is gathered: as soon as nothing more can be decided
 * about a packet its bytes are handed over, with the instant of virtual time at which it passed, and forgotten. So the
 * receiver has whole blocks, knows when each is due, and may take its time; the simulation waits for it, and is never
 * further ahead than the next step. An interface block goes before the first packet of its point, as readers of a
 * growing file expect it. */
#include "out/stream.h"
#include "out/capture_trace.h"
#include <errno.h>
#include <stdlib.h>

struct stream {
	struct stream_config config;
	struct trace_common common;
	struct trace trace;
	struct filter *filter;
	struct buf blocks;
	struct instant blocks_at;
};

static int hand_over(struct stream *stream)
{
	if (buf_failed(&stream->blocks))
		return -ENOMEM;
	int r = stream->blocks.size_bytes == 0 ? 0
					       : stream->config.write(stream->config.context, stream->blocks_at,
								      stream->blocks.data, stream->blocks.size_bytes);
	buf_clear(&stream->blocks);
	return r;
}

static bool takes(const struct stream *stream, const struct step *step)
{
	const struct stream_config *config = &stream->config;
	if (config->flow != STREAM_EVERY && step->flow != config->flow)
		return false;
	if (config->index != STREAM_EVERY && step->index_in_flow != config->index)
		return false;
	return capture_at_takes(config->at, config->node, step) &&
	       (!stream->filter || filter_matches(stream->filter, step->packet));
}

static int record(struct stream *stream, const struct step *step)
{
	stream->blocks_at = step->at;
	return stream->config.at == CAPTURE_DROPS ? trace_record_drop(&stream->common, &stream->trace, step)
						  : trace_record(&stream->common, &stream->trace, step);
}

static int stream_step(void *context, const struct step *step)
{
	struct stream *stream = context;
	bool recordable;
	int r = trace_step(&stream->common, step, &recordable);
	if (r == 0 && !stream->common.unsealed)
		r = hand_over(stream);
	if (r < 0 || !recordable || !takes(stream, step))
		return r;
	r = record(stream, step);
	return r == 0 && !stream->common.unsealed ? hand_over(stream) : r;
}

int stream_new(const struct stream_config *config, struct stream **ret, char problem[STREAM_PROBLEM_BYTES])
{
	*ret = NULL;
	struct stream *stream = calloc(1, sizeof *stream);
	if (!stream)
		return -ENOMEM;
	stream->config = *config;
	stream->common.config = config->captures;
	stream->common.flows = (struct note_flows){config->captures->flow_names, config->captures->flow_counts,
						   config->captures->n_flows};
	int r = !config->filter ? 0 : filter_new(config->filter, &stream->filter, problem);
	if (r == 0)
		r = trace_preambles(&stream->common);
	if (r == 0)
		r = trace_open_buffer(&stream->common, &stream->trace, &stream->blocks,
				      (struct trace_options){.snaplen = PCAPNG_SNAPLEN, .notes = true, .names = true});
	if (r == 0)
		r = hand_over(stream);
	if (r == 0)
		*ret = stream;
	else
		stream_free(stream);
	return r;
}

struct trail_observer stream_observer(struct stream *stream)
{
	return (struct trail_observer){
		.wants = capture_at_wants(stream->config.at), .step = stream_step, .context = stream};
}

int stream_finish(struct stream *stream, struct instant end)
{
	int64_t end_unix_ns = stream->config.captures->start_unix_ns + end.ns;
	int r = trace_seal(&stream->common);
	r = r == 0 ? hand_over(stream) : r;
	stream->blocks_at = end;
	r = r == 0 ? trace_finish(&stream->common, &stream->trace, end_unix_ns, stream->config.name) : r;
	return r < 0 ? r : hand_over(stream);
}

struct stream *stream_free(struct stream *stream)
{
	if (!stream)
		return NULL;
	trace_deinit(&stream->trace);
	trace_common_deinit(&stream->common);
	filter_free(stream->filter);
	buf_free(&stream->blocks);
	free(stream);
	return NULL;
}
