/* Differences of two runs, for people and as JSON; what `diff` and `test` share. */
#include "cli/cli.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int parse_ignore(const struct command *command, char *text, unsigned *ret)
{
	static const char *const words[] = {"ports", "ids", "time"};
	static const unsigned bits[] = {PP_IGNORE_PORTS, PP_IGNORE_IDS, PP_IGNORE_TIME};
	for (char *rest = text, *word; (word = strsep(&rest, ","));) {
		size_t i = 0;
		while (i < 3 && strcmp(word, words[i]) != 0)
			i++;
		if (i == 3)
			return usage_error(command,
					   "--ignore takes a list of ports, ids and time, such as ports,time, not `%s`",
					   word);
		*ret |= bits[i];
	}
	return STATUS_OK;
}

int compare_directories(const char *before, const char *after, unsigned ignore, pp_comparison **ret)
{
	const char *path = NULL;
	int r = pp_compare(before, after, ignore, ret, &path);
	if (r == 0)
		return STATUS_OK;
	if (r > 0) {
		fprintf(stderr, "pktpath: %s holds no output of a run\n", path);
		print_hint("`pktpath run SCENARIO -o %s` writes it", path);
	} else {
		fprintf(stderr, "pktpath: %s%s%s\n", path ? path : "", path ? ": " : "", error_text(-r));
	}
	pp_comparison_free(*ret);
	*ret = NULL;
	return r > 0 || r == -ENOENT || r == -ENOTDIR ? STATUS_USAGE : STATUS_SYSTEM;
}

static void print_more(FILE *out, const pp_difference *d)
{
	if (d->more > 0)
		fprintf(out, "; and %" PRIu64 " more", d->more);
}

static void print_packet(FILE *out, const pp_difference *d)
{
	if (d->packet > 0)
		fprintf(out, "packet %" PRIu64 " (%s)", d->packet, d->what);
	else
		fputs(d->what, out);
	fprintf(out, "%s%s", *d->point ? " at " : "", d->point);
}

static void print_one(FILE *out, const pp_difference *d)
{
	switch (d->kind) {
	case PP_DIFFERENCE_OUTCOME:
		fprintf(out, "%s: %s, was %s", d->flow, d->after, d->before);
		return;
	case PP_DIFFERENCE_CHANGED:
		fprintf(out, "%s: ", d->flow);
		print_packet(out, d);
		if (strcmp(d->field, "time") == 0)
			fprintf(out, ": time %s", d->after);
		else
			fprintf(out, ": %s %s, was %s", d->field, d->after, d->before);
		print_more(out, d);
		return;
	case PP_DIFFERENCE_GONE:
	case PP_DIFFERENCE_NEW:
		fprintf(out, "%s: ", d->flow);
		print_packet(out, d);
		fputs(d->kind == PP_DIFFERENCE_GONE ? " is gone" : " is new", out);
		print_more(out, d);
		return;
	case PP_DIFFERENCE_MAPPING:
		fprintf(out, "%s: %s", d->point, d->what);
		if (strcmp(d->field, "gone") == 0)
			fprintf(out, " is gone, outside %s", d->before);
		else if (strcmp(d->field, "new") == 0)
			fprintf(out, " is new, outside %s", d->after);
		else
			fprintf(out, ": %s %s, was %s", d->field, d->after, d->before);
		print_more(out, d);
		return;
	case PP_DIFFERENCE_FILE:
		fprintf(out, "%s %s", d->what, d->after);
		return;
	}
}

/* malloc'd; NULL where memory is short. */
static char *text_of(const pp_difference *d)
{
	struct text text;
	if (text_begin(&text))
		print_one(text.stream, d);
	return text_end(&text);
}

void print_differences(FILE *out, const pp_comparison *comparison, const char *indent)
{
	for (size_t i = 0; i < pp_comparison_n(comparison); i++) {
		pp_difference d;
		pp_comparison_get(comparison, i, &d);
		int column = fprintf(out, "%s", indent);
		char *text = text_of(&d);
		print_broken(out, column, column + 4, text ? text : "");
		free(text);
		if (!d.because)
			continue;
		column = fprintf(out, "%s    because: ", indent);
		print_broken(out, column, column, d.because);
	}
}

void print_differences_json(const pp_comparison *comparison, const char *before, const char *after)
{
	static const char *const kinds[] = {"outcome", "changed", "gone", "new", "mapping", "file"};
	size_t n = pp_comparison_n(comparison);
	fputs("{\n  \"before\": ", stdout);
	print_json_text(stdout, before);
	fputs(",\n  \"after\": ", stdout);
	print_json_text(stdout, after);
	fputs(",\n  \"differences\": [\n", stdout);
	for (size_t i = 0; i < n; i++) {
		pp_difference d;
		pp_comparison_get(comparison, i, &d);
		printf("    {\"kind\": \"%s\"", kinds[d.kind]);
		print_json_member("flow", d.flow);
		print_json_member("point", d.point);
		printf(", \"packet\": %" PRIu64, d.packet);
		print_json_member("what", d.what);
		print_json_member("field", d.field);
		print_json_member("before", d.before);
		print_json_member("after", d.after);
		print_json_member("because", d.because);
		printf(", \"more\": %" PRIu64 "}%s\n", d.more, i + 1 < n ? "," : "");
	}
	fputs("  ]\n}\n", stdout);
}
