/* DOC: captures that are handed over while the run goes on. What users name, a flow, a point, a filter, is found and
 * checked here; the blocks are made below. */
#include "out/stream.h"
#include "base/names.h"
#include "facade/facade.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct pp_stream {
	struct pp_run *run;
	struct arena *arena;
	pp_stream_options options;
	struct stream *stream; /* NULL where something is wrong */
	const char *problem, *hint;
};
_Static_assert(PP_FILTER_PROBLEM_BYTES == STREAM_PROBLEM_BYTES, "what libpcap says fits into both");

static int wrong(struct pp_stream *stream, const char *problem, const char *hint)
{
	stream->problem = problem;
	stream->hint = hint;
	return problem ? 1 : -ENOMEM;
}

/* ---- what users name ---- */

static int find_flow(struct pp_stream *stream, const char *text, struct stream_config *config)
{
	struct found_call found;
	config->flow = config->index = STREAM_EVERY;
	if (!text)
		return 0;
	int r = facade_find_call(stream->arena, stream->run, text, &found);
	if (r > 0)
		return wrong(stream, found.problem, found.hint);
	config->flow = found.flow;
	config->index = found.numbered ? found.index : STREAM_EVERY;
	return r;
}

static int find_point(struct pp_stream *stream, const char *text, struct stream_config *config)
{
	const struct world *world = stream->run->world;
	uint32_t n = world_n_nodes(world);
	const char **names = arena_array(stream->arena, n, sizeof *names);
	if (!names)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		names[i] = world_node_name(world, i);
		if (strcmp(names[i], text) != 0)
			continue;
		config->at = CAPTURE_NODE;
		config->node = i;
		return 0;
	}
	const char *nearest = name_nearest(text, names, n);
	return wrong(stream, arena_printf(stream->arena, "no point is called `%s`", text),
		     nearest ? arena_printf(stream->arena, "did you mean `%s`?", nearest)
			     : "realms, all, drops, or a point such as ENVIRONMENT/vip");
}

/* The three words mean what they mean in `taps`, and come before points that are called so. */
static int find_place(struct pp_stream *stream, const char *text, struct stream_config *config)
{
	config->name = text ? text : "realms";
	config->at = CAPTURE_REALMS;
	if (strcmp(config->name, "realms") == 0)
		return 0;
	config->at = strcmp(text, "all") == 0 ? CAPTURE_ALL : CAPTURE_DROPS;
	return config->at == CAPTURE_ALL || strcmp(text, "drops") == 0 ? 0 : find_point(stream, text, config);
}

/* ---- life ---- */

static int pass_blocks(void *context, struct instant at, const uint8_t *data, size_t size_bytes)
{
	const struct pp_stream *stream = context;
	return stream->options.write(stream->options.context, at.ns, data, size_bytes);
}

static int begin(struct pp_stream *stream)
{
	const pp_stream_options *options = &stream->options;
	char *problem = arena_alloc(stream->arena, STREAM_PROBLEM_BYTES);
	struct stream_config config = {.captures = &stream->run->captures, .write = pass_blocks, .context = stream};
	if (!problem)
		return -ENOMEM;
	int r = facade_captures(stream->run);
	if (r == 0)
		r = find_flow(stream, options->flow, &config);
	if (r == 0)
		r = find_place(stream, options->at, &config);
	if (r != 0)
		return r;
	config.name = arena_strdup(stream->arena, config.name);
	config.filter = options->filter;
	if (!config.name)
		return -ENOMEM;
	r = stream_new(&config, &stream->stream, problem);
	if (r > 0)
		return wrong(stream, arena_printf(stream->arena, "the filter does not compile: %s", problem),
			     "see pcap-filter(7)");
	return r < 0 ? r : trail_observe(world_trail(stream->run->world), stream_observer(stream->stream));
}

int pp_stream_new(pp_run *run, const pp_stream_options *options, pp_stream **ret)
{
	*ret = NULL;
	if (run->begun)
		return -EINVAL;
	struct pp_stream *stream = calloc(1, sizeof *stream);
	if (!stream)
		return -ENOMEM;
	stream->run = run;
	stream->options = *options;
	stream->arena = arena_new();
	int r = stream->arena ? begin(stream) : -ENOMEM;
	if (r < 0)
		pp_stream_free(stream);
	else
		*ret = stream;
	return r;
}

int pp_stream_finish(pp_stream *stream)
{
	return stream->stream ? stream_finish(stream->stream, world_now(stream->run->world)) : 0;
}

void pp_stream_free(pp_stream *stream)
{
	if (!stream)
		return;
	(void)stream_free(stream->stream);
	arena_free(stream->arena);
	free(stream);
}

const char *pp_stream_problem(const pp_stream *stream)
{
	return stream->problem ? stream->problem : "";
}

const char *pp_stream_hint(const pp_stream *stream)
{
	return stream->hint;
}

int pp_check_filter(const char *filter, char problem[PP_FILTER_PROBLEM_BYTES])
{
	struct filter *compiled;
	int r = filter_new(filter, &compiled, problem);
	(void)filter_free(compiled);
	return r;
}

/* ---- points ---- */

size_t pp_run_n_points(const pp_run *run)
{
	return world_n_nodes(run->world);
}

void pp_run_point(const pp_run *run, size_t index, pp_point *ret)
{
	*ret = (pp_point){world_node_name(run->world, (uint32_t)index),
			  world_node_description(run->world, (uint32_t)index)};
}
