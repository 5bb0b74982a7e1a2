/* DOC: a capture for Wireshark: the run hands its packets to the pipe, which paces them. It ends well when the run
 * does, when a signal asks, and when the reader is gone; expectations are not judged, since a person watches. */
#include "cli/extcap.h"
#include "cli/paced_pipe.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_A_STEP 20000 /* between two looks at signals: a few milliseconds */

int extcap_load(const struct extcap_options *options, pp_scenario **ret)
{
	*ret = NULL;
	if (!options->scenario)
		return extcap_wrong("which scenario?", "--scenario FILE; in Wireshark the wheel beside the interface");
	int r = pp_scenario_load(options->scenario, options->overrides.items, options->overrides.n, ret);
	if (r > 0)
		print_diagnostics(*ret, options->scenario, warnings_of(&options->overrides));
	if (r < 0)
		fprintf(stderr, EXTCAP_PROGRAM ": %s: %s\n", options->scenario, error_text(-r));
	return r == 0 ? STATUS_OK : r > 0 ? STATUS_USAGE : STATUS_SYSTEM;
}

static int put(void *context, int64_t time_ns, const void *data, size_t bytes)
{
	return paced_pipe_put(context, time_ns, data, bytes);
}

/* The end of a capture: statistics. After a signal there is no pace, and not much time; where the file was never read there is
 * nothing to show. */
static void tell_end(pp_stream *stream, struct paced_pipe *pipe)
{
	if (pipe->stopped && pipe->fd < 0)
		return;
	if (pipe->stopped)
		paced_pipe_hurry(pipe);
	pipe->pace_milli = PACED_PIPE_NO_PACE;
	if (pp_stream_finish(stream) == 0)
		(void)paced_pipe_flush(pipe);
}

/* To the end of the run, or until the pipe stops. */
static int watch(pp_run *run, pp_stream *stream, struct paced_pipe *pipe)
{
	int r = 0;
	while (r == 0 && !pipe->stopped) {
		r = pp_run_step(run, EVENTS_A_STEP);
		if (r >= 0 && paced_pipe_flush(pipe) == 0)
			(void)paced_pipe_look(pipe);
	}
	if (r < 0 && !pipe->stopped) {
		fprintf(stderr, EXTCAP_PROGRAM ": %s\n", pp_run_error(run));
		return STATUS_SYSTEM;
	}
	if (!pipe->stopped || pipe->stopped == -ECANCELED)
		tell_end(stream, pipe);
	return STATUS_OK;
}

/* A reader who has seen enough, and one who does not take the last words after a signal, are no failures. */
static int status_of(const struct paced_pipe *pipe)
{
	int error = pipe->stopped;
	if (error == 0 || error == -EPIPE || error == -ECANCELED || error == -ETIMEDOUT)
		return STATUS_OK;
	fprintf(stderr, EXTCAP_PROGRAM ": %s: %s\n", pipe->path, error_text(-error));
	return STATUS_SYSTEM;
}

static int capture(pp_run *run, const struct extcap_options *options, struct paced_pipe *pipe)
{
	pp_stream_options what = {
		.flow = options->flow, .at = options->at, .filter = options->filter, .write = put, .context = pipe};
	pp_stream *stream;
	int status, r = pp_stream_new(run, &what, &stream);
	if (r > 0) {
		status = extcap_wrong(pp_stream_problem(stream), pp_stream_hint(stream));
	} else if (r < 0) {
		fprintf(stderr, EXTCAP_PROGRAM ": %s\n", error_text(-r));
		return STATUS_SYSTEM;
	} else {
		pipe->pace_milli = options->pace_milli;
		status = watch(run, stream, pipe);
	}
	pp_stream_free(stream);
	return status;
}

int extcap_capture(const struct extcap_options *options)
{
	pp_scenario *scenario;
	pp_run *run = NULL;
	if (!options->fifo)
		return extcap_wrong("capture to where?", "--fifo PATH");
	int status = extcap_load(options, &scenario);
	struct paced_pipe *pipe = malloc(sizeof *pipe);
	if (status == STATUS_OK && (!pipe || pp_run_new(scenario, NULL, &run) < 0)) {
		fprintf(stderr, EXTCAP_PROGRAM ": %s\n", strerror(ENOMEM));
		status = STATUS_SYSTEM;
	}
	if (status == STATUS_OK) {
		paced_pipe_begin(pipe, options->fifo);
		status = capture(run, options, pipe);
		paced_pipe_end(pipe);
		if (status == STATUS_OK)
			status = status_of(pipe);
	}
	if (status != STATUS_OK)
		paced_pipe_refuse(options->fifo);
	pp_run_free(run);
	pp_scenario_free(scenario);
	free(pipe);
	return status;
}
