/* DOC: a capture for Wireshark: the run hands its packets to the outlet, which paces them. It ends well when the run
 * does, when a signal asks, and when nobody reads any more; expectations are not judged, since somebody watches. */
#include "cli/extcap.h"
#include "cli/outlet.h"
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
		print_diagnostics(*ret);
	if (r < 0)
		fprintf(stderr, EXTCAP_PROGRAM ": %s: %s\n", options->scenario, error_text(-r));
	return r == 0 ? STATUS_OK : r > 0 ? STATUS_USAGE : STATUS_SYSTEM;
}

static int put(void *context, int64_t time_ns, const void *data, size_t bytes)
{
	return outlet_put(context, time_ns, data, bytes);
}

/* The end of a capture: statistics. After a signal there is no pace, and not much time; where nobody ever read there is
 * nobody to tell. */
static void tell_end(pp_stream *stream, struct outlet *outlet)
{
	if (outlet->stopped && outlet->fd < 0)
		return;
	if (outlet->stopped)
		outlet_hurry(outlet);
	outlet->pace_milli = OUTLET_NO_PACE;
	if (pp_stream_finish(stream) == 0)
		(void)outlet_flush(outlet);
}

/* To the end of the run, or until the outlet stops. */
static int watch(pp_run *run, pp_stream *stream, struct outlet *outlet)
{
	int r = 0;
	while (r == 0 && !outlet->stopped) {
		r = pp_run_step(run, EVENTS_A_STEP);
		if (r >= 0 && outlet_flush(outlet) == 0)
			(void)outlet_look(outlet);
	}
	if (r < 0 && !outlet->stopped) {
		fprintf(stderr, EXTCAP_PROGRAM ": %s\n", pp_run_error(run));
		return STATUS_SYSTEM;
	}
	if (!outlet->stopped || outlet->stopped == -ECANCELED)
		tell_end(stream, outlet);
	return STATUS_OK;
}

/* A reader who has seen enough, and one who does not take the last words after a signal, are no failures. */
static int status_of(const struct outlet *outlet)
{
	int error = outlet->stopped;
	if (error == 0 || error == -EPIPE || error == -ECANCELED || error == -ETIMEDOUT)
		return STATUS_OK;
	fprintf(stderr, EXTCAP_PROGRAM ": %s: %s\n", outlet->path, error_text(-error));
	return STATUS_SYSTEM;
}

static int capture(pp_run *run, const struct extcap_options *options, struct outlet *outlet)
{
	pp_stream_options what = {
		.flow = options->flow, .at = options->at, .filter = options->filter, .write = put, .context = outlet};
	pp_stream *stream;
	int status, r = pp_stream_new(run, &what, &stream);
	if (r > 0) {
		status = extcap_wrong(pp_stream_problem(stream), pp_stream_hint(stream));
	} else if (r < 0) {
		fprintf(stderr, EXTCAP_PROGRAM ": %s\n", error_text(-r));
		return STATUS_SYSTEM;
	} else {
		outlet->pace_milli = options->pace_milli;
		status = watch(run, stream, outlet);
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
	struct outlet *outlet = malloc(sizeof *outlet);
	if (status == STATUS_OK && (!outlet || pp_run_new(scenario, NULL, &run) < 0)) {
		fprintf(stderr, EXTCAP_PROGRAM ": %s\n", strerror(ENOMEM));
		status = STATUS_SYSTEM;
	}
	if (status == STATUS_OK) {
		outlet_begin(outlet, options->fifo);
		status = capture(run, options, outlet);
		outlet_end(outlet);
		if (status == STATUS_OK)
			status = status_of(outlet);
	}
	if (status != STATUS_OK)
		outlet_refuse(options->fifo);
	pp_run_free(run);
	pp_scenario_free(scenario);
	free(outlet);
	return status;
}
