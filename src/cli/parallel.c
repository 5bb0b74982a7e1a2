/* Several things at a time, and their results in order.
 *
 * DOC: threads take one item after the other; the main thread reports each as it is done, in the order of the items.
 * No item depends on how many are worked at beside it. A signal ends it between two items. */
#include "cli/cli.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct pool {
	const struct parallel *parallel;
	void *context;
	size_t n, next;
	bool *done;
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

static void *work(void *context)
{
	struct pool *pool = context;
	(void)pthread_mutex_lock(&pool->lock);
	while (pool->next < pool->n && !signals_caught()) {
		size_t i = pool->next++;
		(void)pthread_mutex_unlock(&pool->lock);
		pool->parallel->work(pool->context, i);
		(void)pthread_mutex_lock(&pool->lock);
		pool->done[i] = true;
		(void)pthread_cond_signal(&pool->changed);
	}
	pool->n = pool->next < pool->n ? pool->next : pool->n; /* a signal: items that no thread took are left out */
	(void)pthread_cond_signal(&pool->changed);
	(void)pthread_mutex_unlock(&pool->lock);
	return NULL;
}

/* The number of items that were reported. */
static size_t report_done(struct pool *pool)
{
	(void)pthread_mutex_lock(&pool->lock);
	size_t i = 0;
	while (i < pool->n) {
		if (!pool->done[i]) {
			pool->parallel->waiting(pool->context, i);
			(void)pthread_cond_wait(&pool->changed, &pool->lock);
			continue;
		}
		(void)pthread_mutex_unlock(&pool->lock);
		pool->parallel->finished(pool->context, i++);
		(void)pthread_mutex_lock(&pool->lock);
	}
	(void)pthread_mutex_unlock(&pool->lock);
	return i;
}

int parallel_run(const struct parallel *parallel, void *context, size_t n, uint64_t n_jobs)
{
	pthread_t threads[PARALLEL_MAX_JOBS];
	size_t n_threads = 0, wanted = n_jobs < n ? (size_t)n_jobs : n;
	struct pool pool = {parallel,
			    context,
			    n,
			    0,
			    calloc(n ? n : 1, sizeof *pool.done),
			    PTHREAD_MUTEX_INITIALIZER,
			    PTHREAD_COND_INITIALIZER};
	if (!pool.done)
		return STATUS_SYSTEM;
	while (n_threads < wanted && pthread_create(&threads[n_threads], NULL, work, &pool) == 0)
		n_threads++;
	if (n_threads == 0)
		(void)work(&pool);
	size_t n_reported = report_done(&pool);
	for (size_t i = 0; i < n_threads; i++)
		(void)pthread_join(threads[i], NULL);
	(void)pthread_mutex_destroy(&pool.lock);
	(void)pthread_cond_destroy(&pool.changed);
	free(pool.done);
	if (n_reported == n)
		return STATUS_OK;
	fprintf(stderr, "pktpath: interrupted by SIG%s: %zu of %zu were done\n", sigabbrev_np(signals_caught()),
		n_reported, n);
	return STATUS_SYSTEM;
}

uint64_t parallel_jobs(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	return processors < 1 ? 1 : processors > PARALLEL_MAX_JOBS ? PARALLEL_MAX_JOBS : (uint64_t)processors;
}

int parallel_parse_jobs(const struct command *command, const char *text, uint64_t *ret)
{
	if (!parse_number(text, PARALLEL_MAX_JOBS, ret) || *ret == 0)
		return usage_error(command, "-j takes a number from 1 to %d, not `%s`", PARALLEL_MAX_JOBS, text);
	return STATUS_OK;
}

void parallel_show(size_t i, size_t n, const char *what)
{
	if (overwrites(stderr))
		fprintf(stderr, "\r\033[K%zu of %zu  %s", i, n, what);
}

void parallel_hide(void)
{
	if (overwrites(stderr))
		fputs("\r\033[K", stderr);
}
