/* Memory of jansson, which does not always look whether it got any, and then gives a shorter answer or ends by an
 * assertion: where there is none for it, the program ends with a message and the status of a failed system. Files appear
 * whole or not at all, so that nothing half written stays. */
#include "cli/cli.h"
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void memory_end(void)
{
	static const char text[] = "pktpath: memory is short; nothing more was written\n";
	if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
		_exit(STATUS_SYSTEM);
	_exit(STATUS_SYSTEM);
}

static void *allocate_or_end(size_t bytes)
{
	void *block = malloc(bytes ? bytes : 1);
	if (!block)
		memory_end();
	return block;
}

void memory_for_json(void)
{
	json_set_alloc_funcs(allocate_or_end, free);
}

/* ---- the same for a language server, which has nothing to end but itself ---- */

void *memory_grown(void *block, size_t bytes)
{
	void *grown = realloc(block, bytes ? bytes : 1);
	if (!grown)
		memory_end();
	return grown;
}

char *memory_text(const char *text, size_t bytes)
{
	char *copy = allocate_or_end(bytes + 1);
	memcpy(copy, text, bytes);
	copy[bytes] = '\0';
	return copy;
}

char *memory_printed(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	va_start(args, format);
	int n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0)
		memory_end();
	return text;
}
