/* DOC: progress of long work, on a terminal alone: virtual time, packets, rate. The real clock is read here and nowhere
 * below. */
#include "cli/cli.h"
#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#define FIRST_NS INT64_C(500000000)
#define EVERY_NS INT64_C(200000000)

int64_t clock_ns(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void progress_begin(struct progress *progress)
{
	*progress = (struct progress){.terminal = overwrites(stderr), .begun_ns = clock_ns()};
}

int64_t progress_elapsed_ns(const struct progress *progress)
{
	return clock_ns() - progress->begun_ns;
}

void progress_show(struct progress *progress, const pp_run *run)
{
	if (!progress->terminal)
		return;
	int64_t now = clock_ns(), elapsed = now - progress->begun_ns;
	if (elapsed < FIRST_NS || now - progress->last_ns < EVERY_NS)
		return;
	pp_summary s;
	pp_run_summary(run, &s);
	progress->last_ns = now;
	progress->shown = 1;
	fprintf(stderr, "\r\033[K%s  %" PRId64 ".%03" PRId64 " s  %" PRIu64 " packets  %.1f M packets/s", s.name,
		s.now_ns / 1000000000, s.now_ns / 1000000 % 1000, s.packets, (double)s.packets * 1e3 / (double)elapsed);
	fflush(stderr);
}

void progress_end(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = 0;
}
