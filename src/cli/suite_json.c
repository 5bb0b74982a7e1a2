/* A suite's results as JSON: a scenario as soon as it and those before it are done, the counts at the end. */
#include "cli/suite.h"

static const char *verdict_text(enum suite_verdict verdict)
{
	switch (verdict) {
	case SUITE_PASS:
		return "pass";
	case SUITE_FAIL:
		return "fail";
	case SUITE_SKIP:
		return "skip";
	case SUITE_ERROR:
		return "error";
	}
	return "";
}

static void print_case(const struct suite_case *c, const char *after)
{
	printf("        {\"verdict\": \"%s\"", verdict_text(c->verdict));
	print_json_member("name", c->name);
	print_json_member("message", c->message);
	print_json_member("detail", c->detail);
	print_json_member("file", c->file);
	printf(", \"line\": %u}%s\n", c->line, after);
}

void suite_print_json_head(void)
{
	fputs("{\n  \"scenarios\": [", stdout);
}

void suite_print_json(const struct suite_item *item, bool first)
{
	printf("%s\n    {\"name\": ", first ? "" : ",");
	print_json_text(stdout, item->name);
	print_json_member("path", item->path);
	printf(", \"pass\": %s, \"cases\": [\n", item->status == STATUS_OK ? "true" : "false");
	for (size_t i = 0; i < item->n_cases; i++)
		print_case(&item->cases[i], i + 1 < item->n_cases ? "," : "");
	fputs("      ]}", stdout);
}

void suite_print_json_end(const struct suite_item *items, size_t n)
{
	size_t n_failed = 0;
	for (size_t i = 0; i < n; i++)
		n_failed += items[i].status != STATUS_OK;
	printf("\n  ],\n  \"passed\": %zu,\n  \"failed\": %zu\n}\n", n - n_failed, n_failed);
}
