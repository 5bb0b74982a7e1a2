/* What came of a scenario as one line of a ledger, and back: name, counts, status, then six fields for each case. A text that is not there is a
 * lone hyphen; one that is there begins with an equals sign. */
#include "cli/suite.h"
#include "cli/work.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void put(FILE *out, const char *text)
{
	fputs(text ? "\t=" : "\t-", out);
	ledger_put(out, text);
}

char *suite_record(const struct suite_item *item)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);
	if (!out)
		return NULL;
	fprintf(out, "%d\t%zu\t%zu\t%d", item->status, item->n_expectations, item->n_failed, item->has_page);
	for (size_t i = 0; i < item->n_cases; i++) {
		const struct suite_case *c = &item->cases[i];
		fprintf(out, "\t%d\t%u", (int)c->verdict, c->line);
		put(out, c->name);
		put(out, c->message);
		put(out, c->detail);
		put(out, c->file);
	}
	return fclose(out) == 0 ? text : NULL;
}

/* NULL where it is a hyphen. */
static const char *take(char **at)
{
	const char *field = ledger_take(at);
	return field && *field == '=' ? field + 1 : NULL;
}

static bool take_number(char **at, unsigned long max, unsigned long *ret)
{
	const char *field = ledger_take(at);
	uint64_t number;
	if (!field || !parse_number(field, max, &number))
		return false;
	*ret = (unsigned long)number;
	return true;
}

static bool take_case(struct suite_item *item, char **at)
{
	unsigned long verdict, line;
	if (!take_number(at, SUITE_ERROR, &verdict) || !take_number(at, UINT32_MAX, &line))
		return false;
	const char *name = take(at), *message = take(at), *detail = take(at), *file = take(at);
	struct suite_case *added =
		suite_add(item, (enum suite_verdict)verdict, name ? name : "", message ? message : "", detail);
	if (!added)
		return false;
	added->line = (unsigned)line;
	added->file = file ? strdup(file) : NULL;
	return !file || added->file;
}

int suite_read_record(struct suite_item *item, const char *record)
{
	char *copy = strdup(record), *at = copy;
	unsigned long status = 0, n_expectations = 0, n_failed = 0, has_page = 0;
	bool good = copy && take_number(&at, STATUS_SYSTEM, &status) && take_number(&at, UINT32_MAX, &n_expectations) &&
		    take_number(&at, UINT32_MAX, &n_failed) && take_number(&at, 1, &has_page);
	while (good && at)
		good = take_case(item, &at);
	item->n_expectations = n_expectations;
	item->n_failed = n_failed;
	item->has_page = has_page;
	item->status = good ? (int)status : STATUS_SYSTEM;
	free(copy);
	return good ? STATUS_OK : STATUS_SYSTEM;
}
