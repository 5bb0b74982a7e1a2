/* Copying a run's output into the kernel takes about as long as making it; with a second core the two overlap.
 *
 * DOC: a ring of a few jobs, each a buffer and a descriptor, between one producer (the writer) and one thread. A job
 * stays in its place in the ring while it is written, so that who waits for a descriptor need only look through the
 * ring. Buffers come back as spares, no more than the ring has places, so memory is bounded and seldom allocated. Jobs
 * of a descriptor are written in the order in which they were pushed; the bytes of a file therefore do not depend on
 * the thread. It decides nothing, opens and closes nothing, and takes no signals. After the first failure the rest is
 * thrown away: nothing of the run will be shown. */
#include "out/pump.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define MAX_JOBS 8u

struct job {
	const void *owner;
	int fd;
	struct buf buf;
	size_t size_bytes;
};

struct pump {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t pushed, done;
	/* Below: under the lock. */
	struct job jobs[MAX_JOBS];
	unsigned first, n;
	struct buf spares[MAX_JOBS];
	unsigned n_spares;
	int error;
	const void *culprit;
	bool stop;
};

int pump_write_all(int fd, const uint8_t *data, size_t size_bytes)
{
	while (size_bytes > 0) {
		ssize_t n = write(fd, data, size_bytes);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		data += n;
		size_bytes -= (size_t)n;
	}
	return 0;
}

static void *pump_run(void *context)
{
	struct pump *pump = context;
	(void)pthread_mutex_lock(&pump->lock);
	while (pump->n > 0 || !pump->stop) {
		if (pump->n == 0) {
			(void)pthread_cond_wait(&pump->pushed, &pump->lock);
			continue;
		}
		struct job job = pump->jobs[pump->first];
		bool skip = pump->error != 0;
		(void)pthread_mutex_unlock(&pump->lock);
		int r = skip ? 0 : pump_write_all(job.fd, job.buf.data, job.size_bytes);
		(void)pthread_mutex_lock(&pump->lock);
		if (r < 0) {
			pump->error = r;
			pump->culprit = job.owner;
		}
		buf_clear(&job.buf);
		pump->spares[pump->n_spares++] = job.buf;
		pump->first = (pump->first + 1) % MAX_JOBS;
		pump->n--;
		(void)pthread_cond_signal(&pump->done);
	}
	(void)pthread_mutex_unlock(&pump->lock);
	return NULL;
}

/* Signals are for the threads of the program that we are part of. */
static int start_thread(struct pump *pump)
{
	sigset_t all, before;
	(void)sigfillset(&all);
	int r = -pthread_sigmask(SIG_SETMASK, &all, &before);
	if (r < 0)
		return r;
	r = -pthread_create(&pump->thread, NULL, pump_run, pump);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
}

static void pump_destroy(struct pump *pump)
{
	for (unsigned i = 0; i < pump->n_spares; i++)
		buf_free(&pump->spares[i]);
	(void)pthread_cond_destroy(&pump->done);
	(void)pthread_cond_destroy(&pump->pushed);
	(void)pthread_mutex_destroy(&pump->lock);
	free(pump);
}

int pump_new(struct pump **ret)
{
	*ret = NULL;
	struct pump *pump = calloc(1, sizeof *pump);
	if (!pump)
		return -ENOMEM;
	/* With default attributes none of the three can fail on Linux. */
	(void)pthread_mutex_init(&pump->lock, NULL);
	(void)pthread_cond_init(&pump->pushed, NULL);
	(void)pthread_cond_init(&pump->done, NULL);
	int r = start_thread(pump);
	if (r < 0) {
		pump_destroy(pump);
		return r;
	}
	*ret = pump;
	return 0;
}

struct pump *pump_free(struct pump *pump)
{
	if (!pump)
		return NULL;
	(void)pthread_mutex_lock(&pump->lock);
	pump->stop = true;
	(void)pthread_cond_signal(&pump->pushed);
	(void)pthread_mutex_unlock(&pump->lock);
	(void)pthread_join(pump->thread, NULL);
	pump_destroy(pump);
	return NULL;
}

int pump_push(struct pump *pump, const void *owner, int fd, struct buf *buf, size_t size_bytes)
{
	(void)pthread_mutex_lock(&pump->lock);
	while (pump->n == MAX_JOBS && pump->error == 0)
		(void)pthread_cond_wait(&pump->done, &pump->lock);
	int r = pump->error;
	if (r == 0) {
		pump->jobs[(pump->first + pump->n) % MAX_JOBS] = (struct job){owner, fd, *buf, size_bytes};
		pump->n++;
		*buf = pump->n_spares > 0 ? pump->spares[--pump->n_spares] : (struct buf){0};
		(void)pthread_cond_signal(&pump->pushed);
	}
	(void)pthread_mutex_unlock(&pump->lock);
	return r;
}

static bool is_under_way(const struct pump *pump, int fd)
{
	for (unsigned i = 0; i < pump->n; i++) {
		if (fd < 0 || pump->jobs[(pump->first + i) % MAX_JOBS].fd == fd)
			return true;
	}
	return false;
}

int pump_wait(struct pump *pump, int fd, const void **ret_owner)
{
	(void)pthread_mutex_lock(&pump->lock);
	while (is_under_way(pump, fd))
		(void)pthread_cond_wait(&pump->done, &pump->lock);
	int r = pump->error;
	*ret_owner = pump->culprit;
	(void)pthread_mutex_unlock(&pump->lock);
	return r;
}
