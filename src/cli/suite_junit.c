/* JUnit XML, as CI servers read it: a suite for each scenario, a case for each expectation and for the comparison. The
 * time of a suite is that of the clock; the one in a report has none, since reports of the same suite are the same bytes. */
#include "cli/suite.h"
#include <inttypes.h>
#include <pktpath/tools.h>
#include <stdlib.h>
#include <string.h>

/* XML 1.0 has no place for most control characters, not even as references: they are shown as \u001b. */
static void put_text(FILE *out, const char *text)
{
	for (size_t left = text ? strlen(text) : 0; left > 0;) {
		char safe[PP_SAFE_BYTES];
		size_t n = pp_safe_character(text, left, safe);
		unsigned char c = (unsigned char)*text;
		if (c == '&')
			fputs("&amp;", out);
		else if (c == '<')
			fputs("&lt;", out);
		else if (c == '>')
			fputs("&gt;", out);
		else if (c == '"')
			fputs("&quot;", out);
		else if (c == '\n' || c == '\t')
			fprintf(out, "&#%u;", c);
		else
			fputs(safe, out);
		text += n;
		left -= n;
	}
}

static void put_attribute(FILE *out, const char *name, const char *text)
{
	fprintf(out, " %s=\"", name);
	put_text(out, text);
	putc('"', out);
}

static void put_result(FILE *out, const char *element, const struct suite_case *c)
{
	fprintf(out, "      <%s", element);
	put_attribute(out, "message", c->message);
	if (!c->detail) {
		fputs("/>\n", out);
		return;
	}
	putc('>', out);
	put_text(out, c->detail);
	fprintf(out, "</%s>\n", element);
}

static void put_case(FILE *out, const struct suite_item *item, const struct suite_case *c)
{
	fputs("    <testcase", out);
	put_attribute(out, "classname", item->name);
	put_attribute(out, "name", c->name);
	if (c->file) {
		put_attribute(out, "file", c->file);
		fprintf(out, " line=\"%u\"", c->line);
	}
	switch (c->verdict) {
	case SUITE_PASS:
		fputs("/>\n", out);
		return;
	case SUITE_SKIP:
		fputs(">\n", out);
		put_result(out, "skipped", c);
		break;
	case SUITE_FAIL:
		fputs(">\n", out);
		put_result(out, "failure", c);
		break;
	case SUITE_ERROR:
		fputs(">\n", out);
		put_result(out, "error", c);
		break;
	}
	fputs("    </testcase>\n", out);
}

static size_t count(const struct suite_item *item, enum suite_verdict verdict)
{
	size_t n = 0;
	for (size_t i = 0; i < item->n_cases; i++)
		n += item->cases[i].verdict == verdict;
	return n;
}

static void put_counts(FILE *out, const struct suite_item *items, size_t n)
{
	size_t tests = 0, failures = 0, errors = 0, skipped = 0;
	for (size_t i = 0; i < n; i++) {
		tests += items[i].n_cases;
		failures += count(&items[i], SUITE_FAIL);
		errors += count(&items[i], SUITE_ERROR);
		skipped += count(&items[i], SUITE_SKIP);
	}
	fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n", tests, failures, errors,
		skipped);
}

static void put_document(FILE *out, const struct suite_item *items, size_t n)
{
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"pktpath\"", out);
	put_counts(out, items, n);
	for (size_t i = 0; i < n; i++) {
		fputs("  <testsuite", out);
		put_attribute(out, "name", items[i].name);
		put_attribute(out, "file", items[i].path);
		if (items[i].duration_ns >= 0)
			fprintf(out, " time=\"%" PRId64 ".%06" PRId64 "\"", items[i].duration_ns / 1000000000,
				items[i].duration_ns / 1000 % 1000000);
		put_counts(out, &items[i], 1);
		for (size_t k = 0; k < items[i].n_cases; k++)
			put_case(out, &items[i], &items[i].cases[k]);
		fputs("  </testsuite>\n", out);
	}
	fputs("</testsuites>\n", out);
}

int suite_write_junit(const char *path, const struct suite_item *items, size_t n)
{
	struct text text;
	if (text_begin(&text))
		put_document(text.stream, items, n);
	char *document = text_end(&text);
	int status = document ? save_file(path, document, text.bytes) : STATUS_SYSTEM;
	free(document);
	return status;
}
