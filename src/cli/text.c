/* Words and numbers for people, and the end of standard output. */
#include "cli/cli.h"
#include <errno.h>
#include <inttypes.h>
#include <pktpath/tools.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

char *print_duration(int64_t ns, char *text, size_t size)
{
	static const struct {
		int64_t ns;
		const char *name;
	} units[] = {{INT64_C(86400000000000), "d"},
		     {INT64_C(3600000000000), "h"},
		     {60000000000, "min"},
		     {1000000000, "s"},
		     {1000000, "ms"},
		     {1000, "us"},
		     {1, "ns"}};
	size_t n = sizeof units / sizeof *units, i = 0;
	while (i < n - 1 && ns < units[i].ns)
		i++;
	/* Seconds up to ten minutes read better than minutes and seconds. */
	if (i == 2 && ns < 10 * units[2].ns)
		i = 3;
	if (ns == 0)
		i = 3;
	int64_t whole = ns / units[i].ns, rest = i + 1 < n ? ns % units[i].ns / units[i + 1].ns : 0;
	if (rest > 0 && i < 3)
		(void)snprintf(text, size, "%" PRId64 " %s %" PRId64 " %s", whole, units[i].name, rest,
			       units[i + 1].name);
	else
		(void)snprintf(text, size, "%" PRId64 " %s", whole, units[i].name);
	return text;
}

void print_json_text(FILE *out, const char *text)
{
	if (!text) {
		fputs("null", out);
		return;
	}
	putc('"', out);
	for (size_t left = strlen(text); left > 0;) {
		char safe[PP_SAFE_BYTES];
		size_t n = pp_safe_character(text, left, safe);
		if (*text == '"' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else
			fputs(n == 1 && safe[0] == '\\' && safe[1] == 'x' ? "\\ufffd" : safe, out);
		text += n;
		left -= n;
	}
	putc('"', out);
}

void print_json_member(const char *key, const char *text)
{
	printf(", \"%s\": ", key);
	print_json_text(stdout, text);
}

char *print_end_point(pp_addr addr, uint16_t port, uint8_t protocol, char *text, size_t size)
{
	char printed[PP_ADDR_TEXT_BYTES];
	if (port == 0)
		(void)snprintf(text, size, "%s", pp_addr_print(addr, printed));
	else
		(void)snprintf(text, size, "%s%s%u", pp_addr_print(addr, printed), protocol == 1 ? " id " : ":", port);
	return text;
}

/* Whether something could not be said for lack of memory: the answer is not whole. Threads may set it. */
static volatile sig_atomic_t short_memory;

/* Why standard output could not be written, which stdio forgets. */
static int output_errno;

void flush_output(void)
{
	if (fflush(stdout) != 0 && output_errno == 0)
		output_errno = errno;
}

int close_output(int status)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return short_memory ? STATUS_SYSTEM : status;
	if (output_errno != 0)
		errno = output_errno;
	/* A write in between may have failed, and its errno is gone by now. */
	if (errno != EPIPE)
		fprintf(stderr, "pktpath: cannot write to standard output%s%s\n", errno ? ": " : "",
			errno ? strerror(errno) : "");
	return STATUS_SYSTEM;
}

const char *error_text(int error)
{
	switch (error) {
	case ENOMEM:
		return "memory is short";
	case ESPIPE:
		return "it is no regular file";
	case EBADMSG:
		return "the library that reads it failed: memory is short, or it is damaged in a way that the library "
		       "does not name";
	default:
		return strerror(error);
	}
}

int say_short_memory(void)
{
	if (!short_memory)
		fputs("pktpath: memory is short\n", stderr);
	short_memory = 1;
	return STATUS_SYSTEM;
}

bool memory_was_short(void)
{
	return short_memory;
}

char *formatted(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	va_start(args, format);
	int n = vasprintf(&text, format, args);
	va_end(args);
	if (n >= 0)
		return text;
	(void)say_short_memory();
	return NULL;
}

FILE *text_begin(struct text *text)
{
	*text = (struct text){.stream = open_memstream(&text->text, &text->bytes)};
	if (!text->stream)
		(void)say_short_memory();
	return text->stream;
}

char *text_end(struct text *text)
{
	bool failed = !text->stream || ferror(text->stream);
	if (text->stream && fclose(text->stream) != 0)
		failed = true;
	if (!failed && text->text) /* the C library says nothing where it gets no memory for the end */
		return text->text;
	free(text->text);
	text->text = NULL;
	(void)say_short_memory();
	return NULL;
}
