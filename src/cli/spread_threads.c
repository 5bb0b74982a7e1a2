/* Cases on the processors of this machine: threads take one after the other. A record is handed over as soon as it is there, so
 * that it is kept whatever comes next. */
#include "cli/work.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct crew {
	const struct spread *spread;
	size_t n_done;
	int status;
	pthread_mutex_t lock;
};

static void work(void *context, size_t i)
{
	struct crew *crew = context;
	const struct spread *spread = crew->spread;
	(void)pthread_mutex_lock(&crew->lock);
	bool stopped = crew->status != STATUS_OK;
	(void)pthread_mutex_unlock(&crew->lock);
	if (stopped)
		return;
	int64_t begun_ns = clock_ns();
	char *record = spread->work->run(spread->work->context, spread->todo[i]);
	int64_t duration_ns = clock_ns() - begun_ns;
	(void)pthread_mutex_lock(&crew->lock);
	int status = STATUS_SYSTEM;
	if (record && crew->status == STATUS_OK) {
		status = spread->done(spread->context, spread->todo[i], record, duration_ns);
		crew->n_done++;
	} else {
		free(record);
	}
	if (crew->status == STATUS_OK && status != STATUS_OK)
		crew->status = status;
	(void)pthread_mutex_unlock(&crew->lock);
}

static void finished(void *context, size_t i)
{
	(void)context;
	(void)i;
}

int spread_begin(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

bool spread_is_helper(void)
{
	return false;
}

int spread_end(int status)
{
	return status;
}

int work_spread(const struct spread *spread)
{
	static const struct parallel parallel = {work, finished, finished};
	struct crew crew = {.spread = spread, .lock = PTHREAD_MUTEX_INITIALIZER};
	int status = parallel_run(&parallel, &crew, spread->n, spread->work->options.n_jobs);
	(void)pthread_mutex_destroy(&crew.lock);
	return crew.status != STATUS_OK ? crew.status : status;
}
