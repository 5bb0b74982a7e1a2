/* DOC: bytes gather in a buffer and are written when it is full, before each wait, and when the caller asks. So a
 * capture as fast as possible costs few writes, and a paced one shows each packet when it is due. Time is that of the
 * first packet and what passed since, divided by the pace; who is late does not wait and catches up.
 *
 * The signals that end the program are blocked but in ppoll(), which is the one place where anything waits: none is
 * lost between a look and a wait. The FIFO is not blocking for the same reason, and ppoll() says that the reader closed
 * it even where nothing is to be written. */
#include "cli/paced_pipe.h"
#include "cli/cli.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NS_A_SECOND INT64_C(1000000000)
#define LAST_WORDS_NS NS_A_SECOND
#define OPEN_AGAIN_NS INT64_C(10000000)

static int64_t now_ns(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * NS_A_SECOND + t.tv_nsec;
}

void paced_pipe_begin(struct paced_pipe *pipe, const char *path)
{
	sigset_t ending;
	*pipe = (struct paced_pipe){.path = path, .fd = -1};
	(void)sigemptyset(&ending);
	(void)sigaddset(&ending, SIGINT);
	(void)sigaddset(&ending, SIGTERM);
	(void)sigaddset(&ending, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &ending, &pipe->let_in);
}

/* Waits for the events, a signal, the reader's end, or the time. 1: an event. 0: the time is over. */
static int attend(struct paced_pipe *pipe, short events, int64_t for_ns)
{
	struct pollfd watched = {.fd = pipe->fd, .events = events};
	struct timespec t = {(time_t)(for_ns / NS_A_SECOND), (long)(for_ns % NS_A_SECOND)};
	int n = ppoll(&watched, 1, &t, &pipe->let_in); /* a negative descriptor is passed over */
	if (n < 0 && errno != EINTR)
		return pipe->stopped = -errno;
	if (signals_caught() && pipe->give_up_ns == 0)
		return pipe->stopped = -ECANCELED;
	if (n > 0 && (watched.revents & (POLLERR | POLLNVAL)))
		return pipe->stopped = -EPIPE;
	return n > 0;
}

/* A FIFO opens for writing once a program reads. A file that is not there is made. */
static int open_path(struct paced_pipe *pipe)
{
	int flags = O_WRONLY | O_NONBLOCK | O_CLOEXEC;
	while (pipe->fd < 0) {
		pipe->fd = open(pipe->path, flags | O_TRUNC);
		if (pipe->fd < 0 && errno == ENOENT)
			pipe->fd = open(pipe->path, flags | O_CREAT | O_EXCL, 0666);
		if (pipe->fd >= 0)
			return 0;
		if (errno != ENXIO)
			return pipe->stopped = -errno;
		int r = attend(pipe, 0, OPEN_AGAIN_NS);
		if (r < 0)
			return r;
	}
	return 0;
}

static int write_all(struct paced_pipe *pipe, const uint8_t *data, size_t bytes)
{
	while (bytes > 0) {
		ssize_t n = write(pipe->fd, data, bytes);
		if (n >= 0) {
			data += n;
			bytes -= (size_t)n;
			continue;
		}
		if (errno != EAGAIN && errno != EINTR)
			return pipe->stopped = -errno;
		int64_t left = pipe->give_up_ns == 0 ? NS_A_SECOND : pipe->give_up_ns - now_ns();
		/* In the middle of a block a signal gives what is left of it some time. */
		int r = left <= 0 ? (pipe->stopped = -ETIMEDOUT) : attend(pipe, POLLOUT, left);
		if (r == -ECANCELED)
			paced_pipe_hurry(pipe);
		else if (r < 0)
			return r;
	}
	return 0;
}

int paced_pipe_flush(struct paced_pipe *pipe)
{
	if (pipe->stopped || pipe->n_bytes == 0)
		return pipe->stopped;
	int r = open_path(pipe);
	if (r == 0)
		r = write_all(pipe, pipe->bytes, pipe->n_bytes);
	pipe->n_bytes = 0;
	return r;
}

static int64_t due_ns(const struct paced_pipe *pipe, int64_t time_ns)
{
	uint64_t passed_ns = (uint64_t)(time_ns - pipe->virtual_ns);
	if (passed_ns / pipe->pace_milli > INT64_MAX / 4000 || pipe->pace_milli > UINT64_MAX / 1000)
		return INT64_MAX / 2;
	uint64_t real_ns = passed_ns / pipe->pace_milli * 1000 + passed_ns % pipe->pace_milli * 1000 / pipe->pace_milli;
	return pipe->real_ns + (int64_t)real_ns;
}

static int wait_until_due(struct paced_pipe *pipe, int64_t time_ns)
{
	if (pipe->real_ns == 0) { /* nothing waits for the time before the first packet */
		int r = paced_pipe_flush(pipe);
		pipe->real_ns = now_ns();
		pipe->virtual_ns = time_ns;
		return r;
	}
	int r = 0;
	int64_t due = due_ns(pipe, time_ns), now = now_ns();
	if (now < due)
		r = paced_pipe_flush(pipe);
	for (; r == 0 && now < due; now = now_ns())
		r = attend(pipe, 0, due - now);
	return r;
}

int paced_pipe_put(struct paced_pipe *pipe, int64_t time_ns, const uint8_t *data, size_t bytes)
{
	int r = pipe->stopped;
	if (r == 0 && pipe->pace_milli != PACED_PIPE_NO_PACE)
		r = wait_until_due(pipe, time_ns);
	if (r == 0 && bytes > PACED_PIPE_BYTES - pipe->n_bytes)
		r = paced_pipe_flush(pipe);
	if (r == 0 && bytes > PACED_PIPE_BYTES) {
		r = open_path(pipe);
		return r < 0 ? r : write_all(pipe, data, bytes);
	}
	/* What was waited for when a signal came is taken all the same: the end of the capture refers to it. */
	if ((r == 0 || r == -ECANCELED) && bytes <= PACED_PIPE_BYTES - pipe->n_bytes) {
		memcpy(pipe->bytes + pipe->n_bytes, data, bytes);
		pipe->n_bytes += bytes;
	}
	return r;
}

int paced_pipe_look(struct paced_pipe *pipe)
{
	int r = pipe->stopped ? pipe->stopped : attend(pipe, 0, 0);
	return r < 0 ? r : 0;
}

void paced_pipe_hurry(struct paced_pipe *pipe)
{
	pipe->stopped = 0;
	pipe->pace_milli = PACED_PIPE_NO_PACE;
	pipe->give_up_ns = now_ns() + LAST_WORDS_NS;
}

void paced_pipe_end(struct paced_pipe *pipe)
{
	if (pipe->fd >= 0 && close(pipe->fd) < 0 && !pipe->stopped)
		pipe->stopped = -errno;
	pipe->fd = -1;
	(void)sigprocmask(SIG_SETMASK, &pipe->let_in, NULL);
}

void paced_pipe_refuse(const char *path)
{
	int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0)
		(void)close(fd);
}

int paced_pipe_parse_pace(const char *text, uint64_t *ret_milli)
{
	*ret_milli = PACED_PIPE_NO_PACE;
	if (strcmp(text, "asap") == 0)
		return 1;
	size_t n_whole = strspn(text, "0123456789"),
	       n_part = text[n_whole] == '.' ? strspn(text + n_whole + 1, "0123456789") : 0;
	if (n_whole + n_part == 0 || n_whole > 7 || n_part > 3 ||
	    text[n_whole + (text[n_whole] == '.') + n_part] != '\0')
		return 0;
	uint64_t milli = 0;
	for (size_t i = 0; i < n_whole; i++)
		milli = milli * 10 + (uint64_t)(text[i] - '0');
	for (size_t i = 0; i < 3; i++)
		milli = milli * 10 + (i < n_part ? (uint64_t)(text[n_whole + 1 + i] - '0') : 0);
	*ret_milli = milli;
	return milli > 0 && milli <= UINT64_C(1000000000);
}
