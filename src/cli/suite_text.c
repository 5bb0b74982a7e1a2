/* A suite's results for people. */
#include "cli/suite.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DETAIL_COLUMN 8

/* Lines of what failed begin with a label, those of a difference with more blanks. */
static void print_detail(const char *line)
{
	static const char *const labels[] = {
		"expected:", "actual:", "caller:", "because:", "cause:", "helps:", "rule:"};
	int blanks = (int)strspn(line, " "), at = DETAIL_COLUMN + blanks, column = at + 4;
	const char *rest = line + blanks;
	printf("%*s", at, "");
	if (strncmp(line + blanks, "packet:", strlen("packet:")) == 0) { /* a command to be copied stays in one line */
		puts(line + blanks);
		return;
	}
	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
		size_t n = strlen(labels[i]);
		if (strncmp(line + blanks, labels[i], n) != 0)
			continue;
		n += strspn(line + blanks + n, " "); /* the label with its column, which no break takes away */
		printf("%.*s", (int)n, line + blanks);
		rest += n;
		at += (int)n;
		column = DETAIL_COLUMN + blanks + 10;
	}
	print_broken(stdout, at, column, rest);
}

static void print_indented(const char *text)
{
	while (text && *text) {
		size_t n = strcspn(text, "\n");
		char *line = strndup(text, n);
		if (!line)
			(void)say_short_memory();
		if (line)
			print_detail(line);
		free(line);
		text += n + (text[n] == '\n');
	}
}

static void print_fault(const struct suite_case *c, const struct paint *paint)
{
	const char *verdict = c->verdict == SUITE_FAIL ? "FAIL" : "ERROR";
	bool placed = c->file && c->detail; /* the detail begins with its place */
	char *text = formatted("  %.*s", placed ? (int)strcspn(c->detail, "\n") : (int)strlen(c->message),
			       placed ? c->detail : c->message);
	if (!text)
		return;
	printf("  %s%s%s  %s", paint->bad, verdict, paint->off, c->name);
	print_broken(stdout, 2 + (int)strlen(verdict) + 2 + text_columns(c->name), DETAIL_COLUMN, text);
	free(text);
}

/* An earlier case of the item that the same rule failed; NULL where there is none. */
static const struct suite_case *same_cause(const struct suite_item *item, const struct suite_case *c)
{
	for (const struct suite_case *other = item->cases; c->rule && other < c; other++)
		if (other->verdict == SUITE_FAIL && other->rule && strcmp(other->rule, c->rule) == 0)
			return other;
	return NULL;
}

/* Further lines of a case; without those that explain what an earlier case has explained. */
static void print_further(const char *text, const struct suite_case *explained)
{
	static const char *const explains[] = {"because:", "rule:"};
	char *left = strdup(text ? text : "");
	if (!left) {
		(void)say_short_memory();
		return;
	}
	for (char *line = left, *next; *line; line = next) {
		bool drop = false;
		next = line + strcspn(line, "\n");
		next += *next == '\n';
		for (size_t i = 0; explained && i < sizeof explains / sizeof *explains; i++)
			drop |= strncmp(line, explains[i], strlen(explains[i])) == 0;
		if (!drop)
			continue;
		memmove(line, next, strlen(next) + 1);
		next = line;
	}
	print_indented(left);
	if (explained)
		printf("%*sbecause:  the same rule as of %s, %s\n", DETAIL_COLUMN, "", explained->name,
		       explained->rule);
	free(left);
}

static void print_failed_case(const struct suite_item *item, const struct suite_case *c, const struct paint *paint)
{
	print_fault(c, paint);
	/* Captures that differ because an expectation fails have the same cause. */
	if (strcmp(c->name, "captures") == 0 && item->n_failed > 0) {
		printf("%*snot shown while an expectation fails\n", DETAIL_COLUMN, "");
		if (item->kept) {
			printf("%*s", DETAIL_COLUMN, "");
			print_program(stdout);
			fputs(" diff ", stdout);
			print_word(stdout,
				   strstr(c->message, " from ") ? strstr(c->message, " from ") + 6 : item->name);
			putchar(' ');
			print_word(stdout, item->kept);
			putchar('\n');
		}
		return;
	}
	print_further(c->file && c->detail ? c->detail + strcspn(c->detail, "\n") + 1 : c->detail, same_cause(item, c));
}

static void print_case(const struct suite_item *item, const struct suite_case *c, const struct paint *paint)
{
	switch (c->verdict) {
	case SUITE_FAIL:
	case SUITE_ERROR:
		print_failed_case(item, c, paint);
		return;
	case SUITE_PASS:
		if (c->detail) { /* what was blessed */
			printf("  %supdated%s  %s\n", paint->good, paint->off, c->name);
			print_indented(c->detail);
		}
		return;
	case SUITE_SKIP:
		return;
	}
}

void suite_print_text(const struct suite_item *item, int name_columns, bool quiet)
{
	struct paint paint = paint_for(stdout);
	bool good = item->status == STATUS_OK;
	const struct suite_case *last = item->n_cases > 0 ? &item->cases[item->n_cases - 1] : NULL;
	bool about_captures = last && strcmp(last->name, "captures") == 0;
	if (quiet && good)
		return;
	char expectations[64], *text = NULL;
	if (item->n_failed > 0)
		(void)snprintf(expectations, sizeof expectations, "%zu of %zu expectations failed", item->n_failed,
			       item->n_expectations);
	else
		(void)snprintf(expectations, sizeof expectations, "%3zu expectation%s", item->n_expectations,
			       item->n_expectations == 1 ? about_captures ? " " : "" : "s");
	text = formatted("  %s%s%s", expectations, about_captures ? "   captures: " : "",
			 !about_captures               ? ""
			 : last->verdict == SUITE_FAIL ? "not as committed"
						       : last->message);
	if (!text)
		return;
	int n = printf("%s%s%s  %-*s", good ? paint.good : paint.bad, good ? "pass" : "FAIL", paint.off, name_columns,
		       item->name);
	n -= (int)(strlen(paint.good) + strlen(paint.off));
	print_broken(stdout, n, DETAIL_COLUMN, text);
	free(text);
	for (size_t i = 0; i < item->n_cases; i++)
		print_case(item, &item->cases[i], &paint);
}

/* ---- what to do next ---- */

static bool is_of_captures(const struct suite_case *c)
{
	return c->verdict == SUITE_FAIL && strcmp(c->name, "captures") == 0;
}

/* The packet behind the first expectation that failed; else what differs in the captures. */
static void print_next(const struct suite_item *items, size_t n, const struct overrides *overrides)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < items[i].n_cases; k++) {
			const struct suite_case *c = &items[i].cases[k];
			if (c->verdict != SUITE_FAIL || !c->flow)
				continue;
			fputs("next: ", stdout);
			print_program(stdout);
			fputs(" explain ", stdout);
			print_word(stdout, items[i].path);
			putchar(' ');
			print_word(stdout, c->flow);
			printf(" --packet %" PRIu64, c->packet);
			print_overrides(overrides);
			putchar('\n');
			return;
		}
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < items[i].n_cases; k++) {
			if (!is_of_captures(&items[i].cases[k]))
				continue;
			fputs("if the new captures are right:\nnext: ", stdout);
			print_program(stdout);
			fputs(" test --update ", stdout);
			print_word(stdout, items[i].path);
			print_overrides(overrides);
			putchar('\n');
			return;
		}
}

void suite_print_summary(const struct suite_item *items, size_t n, const struct overrides *overrides, bool quiet)
{
	size_t n_failed = 0, n_held_back = 0;
	struct paint paint = paint_for(stdout);
	for (size_t i = 0; i < n; i++) {
		const struct suite_case *last = items[i].n_cases > 0 ? &items[i].cases[items[i].n_cases - 1] : NULL;
		n_failed += items[i].status != STATUS_OK;
		n_held_back += last && is_of_captures(last) && items[i].n_failed > 0;
	}
	if (quiet && n_failed == 0)
		return;
	for (size_t i = 0; i < n; i++)
		if (items[i].kept)
			printf("  kept  %s/\n", items[i].kept);
	printf("%zu passed, %s%zu failed%s\n", n - n_failed, n_failed ? paint.bad : "", n_failed,
	       n_failed ? paint.off : "");
	if (quiet || n_failed == 0)
		return;
	if (n_held_back > 0)
		puts("captures of a scenario are not updated while one of its expectations fails");
	print_next(items, n, overrides);
}
