/* TAP version 13 (testanything.org): a line for each case, and what went wrong as a YAML block below it. */
#include "cli/suite.h"
#include <string.h>

/* A description ends at a line's end, and a # in it would begin a directive. */
static void print_description(const char *text)
{
	for (; text && *text; text++) {
		if (*text == '#' || *text == '\\')
			putchar('\\');
		putchar(*text == '\n' ? ' ' : *text);
	}
}

static void print_block(const struct suite_case *c)
{
	fputs("  ---\n  message: ", stdout);
	print_json_text(stdout, c->message); /* JSON's texts are YAML's */
	putchar('\n');
	if (c->file) {
		fputs("  file: ", stdout);
		print_json_text(stdout, c->file);
		printf("\n  line: %u\n", c->line);
	}
	if (c->detail) {
		fputs("  detail: |\n", stdout);
		for (const char *text = c->detail; *text;) {
			size_t n = strcspn(text, "\n");
			printf("    %.*s\n", (int)n, text);
			text += n + (text[n] == '\n');
		}
	}
	fputs("  ...\n", stdout);
}

void suite_print_tap(const struct suite_item *item, size_t *number)
{
	for (size_t i = 0; i < item->n_cases; i++) {
		const struct suite_case *c = &item->cases[i];
		bool good = c->verdict == SUITE_PASS || c->verdict == SUITE_SKIP;
		printf("%s %zu - ", good ? "ok" : "not ok", ++*number);
		print_description(item->name);
		fputs(": ", stdout);
		print_description(c->name);
		if (c->verdict == SUITE_SKIP) {
			fputs(" # SKIP ", stdout);
			print_description(c->message);
		}
		putchar('\n');
		if (!good || c->detail)
			print_block(c);
	}
}
