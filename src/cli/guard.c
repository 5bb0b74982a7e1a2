/* What is printed is safe to read.
 *
 * DOC: names, paths and texts come from scenarios, reports and command lines and may hold anything. All that the program
 * prints passes here: standard output and standard error are streams of our own above the descriptors. A character that
 * a terminal would obey, or that would make a reader see another text, is written as \u202e, a byte that is no UTF-8 as
 * \xff; inside a text of JSON the former is an escape of JSON and means the same. Left alone are line ends, tabs, and on
 * a terminal the few sequences that the program itself writes (terminal.c). A character whose bytes come in two writes
 * is kept until it is whole. */
#include "cli/cli.h"
#include <errno.h>
#include <pktpath/tools.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OUT_BYTES 65536
#define LONGEST_CHARACTER 4

struct guard {
	int fd;
	bool terminal;
	char rest[LONGEST_CHARACTER]; /* the beginning of a character */
	size_t n_rest;
	char out[OUT_BYTES];
	size_t n_out;
};

/* Who ends with the status of a failed system says why: main() asks. A program has one standard error. */
static bool said, lost;

bool guard_said(void)
{
	return said;
}

bool guard_lost(void)
{
	return lost;
}

static int write_out(struct guard *guard)
{
	said |= guard->fd == STDERR_FILENO && guard->n_out > 0;
	for (size_t at = 0; at < guard->n_out;) {
		ssize_t n = write(guard->fd, guard->out + at, guard->n_out - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			lost |= guard->fd == STDERR_FILENO;
			guard->n_out = 0;
			return -1;
		}
		at += (size_t)n;
	}
	guard->n_out = 0;
	return 0;
}

/* Bytes of one of our own sequences at the text; 0 where it is none. */
static size_t own_sequence(const char *text, size_t bytes)
{
	static const char *const sequences[] = {"\033[32m", "\033[31m", "\033[2m", "\033[1m",
						"\033[0m",  "\r\033[K", "\r"};
	for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++) {
		size_t n = strlen(sequences[i]);
		if (n <= bytes && memcmp(text, sequences[i], n) == 0)
			return n;
	}
	return 0;
}

/* The text ends within a character. */
static bool is_cut(const char *text, size_t bytes)
{
	unsigned char first = (unsigned char)text[0];
	size_t n = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
	if (n <= bytes)
		return false;
	for (size_t i = 1; i < bytes; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return false;
	return true;
}

/* How much of the text was taken; what is left is the beginning of a character. */
static size_t put(struct guard *guard, const char *text, size_t bytes, bool more)
{
	size_t at = 0;
	while (at < bytes) {
		if (guard->n_out > OUT_BYTES - 16 && write_out(guard) < 0)
			return SIZE_MAX;
		char safe[PP_SAFE_BYTES];
		size_t n = guard->terminal ? own_sequence(text + at, bytes - at) : 0;
		if ((text[at] >= 0x20 && text[at] < 0x7f) || text[at] == '\n' || text[at] == '\t')
			n = 1;
		if (n > 0) {
			memcpy(guard->out + guard->n_out, text + at, n);
			guard->n_out += n;
			at += n;
			continue;
		}
		if (more && is_cut(text + at, bytes - at))
			break;
		at += pp_safe_character(text + at, bytes - at, safe);
		n = strlen(safe);
		memcpy(guard->out + guard->n_out, safe, n);
		guard->n_out += n;
	}
	return at;
}

static ssize_t guard_write(void *cookie, const char *text, size_t bytes)
{
	struct guard *guard = cookie;
	size_t from = 0;
	while (guard->n_rest > 0 && from < bytes) {
		guard->rest[guard->n_rest++] = text[from++];
		if (is_cut(guard->rest, guard->n_rest))
			continue;
		if (put(guard, guard->rest, guard->n_rest, false) == SIZE_MAX)
			return 0;
		guard->n_rest = 0;
	}
	size_t taken = put(guard, text + from, bytes - from, true);
	if (taken == SIZE_MAX)
		return 0;
	for (from += taken; from < bytes; from++)
		guard->rest[guard->n_rest++] = text[from];
	return write_out(guard) < 0 ? 0 : (ssize_t)bytes;
}

/* Those that are open: the C library keeps them where leak checkers do not look. */
static struct guard *guards[2];

static int guard_close(void *cookie)
{
	struct guard *guard = cookie;
	int r = guard->n_rest > 0 && put(guard, guard->rest, guard->n_rest, false) == SIZE_MAX ? -1 : 0;
	if (r == 0)
		r = write_out(guard);
	for (size_t i = 0; i < sizeof guards / sizeof *guards; i++)
		if (guards[i] == guard)
			guards[i] = NULL;
	free(guard);
	return r;
}

static FILE *guard_new(int fd)
{
	struct guard *guard = calloc(1, sizeof *guard);
	if (!guard)
		return NULL;
	guard->fd = fd;
	guard->terminal = isatty(fd);
	FILE *stream = fopencookie(guard, "w", (cookie_io_functions_t){.write = guard_write, .close = guard_close});
	if (!stream)
		free(guard);
	else
		guards[fd == STDERR_FILENO] = guard;
	return stream;
}

int guard_output(void)
{
	FILE *out = guard_new(STDOUT_FILENO), *err = guard_new(STDERR_FILENO);
	if (!out || !err)
		return -1;
	if (isatty(STDOUT_FILENO))
		(void)setvbuf(out, NULL, _IOLBF, BUFSIZ);
	(void)setvbuf(err, NULL, _IONBF, 0);
	stdout = out;
	stderr = err;
	return 0;
}

int descriptor_of(FILE *stream)
{
	return stream == stdout ? STDOUT_FILENO : stream == stderr ? STDERR_FILENO : fileno(stream);
}
