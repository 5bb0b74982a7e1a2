/* What came of a scenario as one line of a ledger, and back: status, counts, whether it has a page, then six fields for each case. */
#include "cli/suite.h"
#include "cli/work.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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
		ledger_put_maybe(out, c->name);
		ledger_put_maybe(out, c->message);
		ledger_put_maybe(out, c->detail);
		ledger_put_maybe(out, c->file);
	}
	return fclose(out) == 0 ? text : NULL;
}

static bool take_case(struct suite_item *item, char **at)
{
	uint64_t verdict, line;
	if (!ledger_take_number(at, SUITE_ERROR, &verdict) || !ledger_take_number(at, UINT32_MAX, &line))
		return false;
	const char *name = ledger_take_maybe(at), *message = ledger_take_maybe(at), *detail = ledger_take_maybe(at),
		   *file = ledger_take_maybe(at);
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
	uint64_t status = 0, n_expectations = 0, n_failed = 0, has_page = 0;
	bool good = copy && ledger_take_number(&at, STATUS_SYSTEM, &status) &&
		    ledger_take_number(&at, UINT32_MAX, &n_expectations) &&
		    ledger_take_number(&at, UINT32_MAX, &n_failed) && ledger_take_number(&at, 1, &has_page);
	while (good && at)
		good = take_case(item, &at);
	item->n_expectations = (size_t)n_expectations;
	item->n_failed = (size_t)n_failed;
	item->has_page = has_page;
	item->status = good ? (int)status : STATUS_SYSTEM;
	free(copy);
	return good ? STATUS_OK : STATUS_SYSTEM;
}
