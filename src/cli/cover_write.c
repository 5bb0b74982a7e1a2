/* Coverage as a table, as JSON, as a tracefile of lcov, and as a page with the source of each scenario in colours. */
#include "cli/cover.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- for people ---- */

static void print_missing(const struct coverage *coverage, const char *kind, const char *title)
{
	size_t n = 0, n_seen = 0, n_told = 0;
	for (size_t i = 0; i < coverage->n_facts; i++)
		if (strcmp(coverage->facts[i].kind, kind) == 0) {
			n++;
			n_seen += coverage->facts[i].n > 0;
		}
	printf("%-17s %zu of %zu", title, n_seen, n);
	for (size_t i = 0; i < coverage->n_facts; i++)
		if (strcmp(coverage->facts[i].kind, kind) == 0 && coverage->facts[i].n == 0)
			printf("%s%s", n_told++ ? ", " : "   never: ", coverage->facts[i].name);
	putchar('\n');
}

void cover_print_text(const struct coverage *coverage, bool quiet)
{
	struct paint paint = paint_for(stdout);
	for (size_t i = 0; i < coverage->n_lines; i++) {
		const struct cover_line *line = &coverage->lines[i];
		enum cover_state state = cover_state_of(line);
		if (quiet && state == COVER_DECIDED)
			continue;
		printf("%s%-9s%s  %s:%" PRIu32 "  %s %s", state == COVER_DECIDED ? paint.good : paint.bad,
		       cover_state_word(state), paint.off, line->file, line->line, line->kind, line->name);
		if (line->decided > 0)
			printf("  %" PRIu64, line->decided);
		if (line->passed > 0)
			printf("  passed by %" PRIu64, line->passed);
		putchar('\n');
	}
	print_missing(coverage, "reason", "reasons");
	print_missing(coverage, "element", "kinds of element");
	print_missing(coverage, "nat", "states of NATs");
	size_t n = coverage_n_decided(coverage);
	printf("%-17s %zu of %zu, %zu.%zu %%\n", "lines", n, coverage->n_lines,
	       coverage->n_lines ? n * 100 / coverage->n_lines : 0,
	       coverage->n_lines ? n * 1000 / coverage->n_lines % 10 : 0);
}

static void put_member(FILE *out, const char *key, const char *text)
{
	fprintf(out, ", \"%s\": ", key);
	print_json_text(out, text);
}

static int print_json(FILE *out, const void *context)
{
	const struct coverage *coverage = context;
	fprintf(out, "{\n  \"lines\": %zu,\n  \"decided\": %zu,\n  \"items\": [", coverage->n_lines,
		coverage_n_decided(coverage));
	for (size_t i = 0; i < coverage->n_lines; i++) {
		const struct cover_line *line = &coverage->lines[i];
		fprintf(out, "%s\n    {\"state\": \"%s\"", i ? "," : "", cover_state_word(cover_state_of(line)));
		put_member(out, "file", line->file);
		fprintf(out, ", \"line\": %" PRIu32, line->line);
		put_member(out, "kind", line->kind);
		put_member(out, "name", line->name);
		fprintf(out, ", \"decided\": %" PRIu64 ", \"passed\": %" PRIu64 "}", line->decided, line->passed);
	}
	fprintf(out, "\n  ],\n  \"facts\": [");
	for (size_t i = 0; i < coverage->n_facts; i++) {
		fprintf(out, "%s\n    {\"kind\": ", i ? "," : "");
		print_json_text(out, coverage->facts[i].kind);
		put_member(out, "name", coverage->facts[i].name);
		fprintf(out, ", \"n\": %" PRIu64 "}", coverage->facts[i].n);
	}
	fputs("\n  ]\n}\n", out);
	return 0;
}

void cover_print_json(const struct coverage *coverage)
{
	(void)print_json(stdout, coverage);
}

int cover_write_json(const struct coverage *coverage, const char *path)
{
	return save_printed(path, print_json, coverage);
}

/* ---- files ---- */

/* Lines from `first` on that are of the same file. */
static size_t same_file(const struct coverage *coverage, size_t first)
{
	size_t n = 1;
	while (first + n < coverage->n_lines &&
	       strcmp(coverage->lines[first + n].file, coverage->lines[first].file) == 0)
		n++;
	return n;
}

/* What stands in the same line is added up. */
static size_t same_line(const struct coverage *coverage, size_t first, size_t end, struct cover_line *ret)
{
	size_t n = 1;
	*ret = coverage->lines[first];
	for (; first + n < end && coverage->lines[first + n].line == ret->line; n++) {
		ret->decided += coverage->lines[first + n].decided;
		ret->passed += coverage->lines[first + n].passed;
	}
	return n;
}

/* genhtml wants to find the source whatever its own directory is. A name that a terminal would obey it does not find. */
static void put_source(FILE *out, const struct coverage *coverage, const char *file)
{
	char safe[PP_SAFE_BYTES];
	const struct cover_file *found = coverage_file(coverage, file);
	const char *name = found ? found->real : file;
	fputs("SF:", out);
	for (size_t at = 0, bytes = strlen(name); at < bytes;) {
		at += pp_safe_character(name + at, bytes - at, safe);
		fputs(safe, out);
	}
	putc('\n', out);
}

/* Rules of any kind, and routes: they are asked, and may be passed by. */
static bool is_asked(const char *kind)
{
	const char *last = strrchr(kind, ' ');
	return strcmp(kind, "route") == 0 || strcmp(last ? last + 1 : kind, "rule") == 0;
}

/* As geninfo(1) has it: a line's hits are what it decided, its two branches decided and passed by. */
static void put_file(FILE *out, const struct coverage *coverage, size_t first, size_t end)
{
	size_t n_lines = 0, n_hit = 0, n_branches = 0, n_taken = 0;
	struct cover_line line;
	fputs("TN:pktpath\n", out);
	put_source(out, coverage, coverage->lines[first].file);
	for (size_t i = first, n; i < end; i += n) {
		n = same_line(coverage, i, end, &line);
		if (!is_asked(line.kind))
			continue;
		bool asked = line.decided > 0 || line.passed > 0;
		if (asked) {
			fprintf(out, "BRDA:%" PRIu32 ",0,0,%" PRIu64 "\nBRDA:%" PRIu32 ",0,1,%" PRIu64 "\n", line.line,
				line.decided, line.line, line.passed);
		} else {
			fprintf(out, "BRDA:%" PRIu32 ",0,0,-\nBRDA:%" PRIu32 ",0,1,-\n", line.line, line.line);
		}
		n_branches += 2;
		n_taken += (size_t)(line.decided > 0) + (size_t)(line.passed > 0);
	}
	fprintf(out, "BRF:%zu\nBRH:%zu\n", n_branches, n_taken);
	for (size_t i = first, n; i < end; i += n) {
		n = same_line(coverage, i, end, &line);
		fprintf(out, "DA:%" PRIu32 ",%" PRIu64 "\n", line.line, line.decided);
		n_lines++;
		n_hit += line.decided > 0;
	}
	fprintf(out, "LF:%zu\nLH:%zu\nend_of_record\n", n_lines, n_hit);
}

static int print_lcov(FILE *out, const void *context)
{
	const struct coverage *coverage = context;
	for (size_t i = 0, n; i < coverage->n_lines; i += n) {
		n = same_file(coverage, i);
		put_file(out, coverage, i, i + n);
	}
	return 0;
}

int cover_write_lcov(const struct coverage *coverage, const char *path)
{
	return save_printed(path, print_lcov, coverage);
}

/* ---- the page ---- */

struct source {
	pp_source_line *lines;
	size_t n, capacity;
};

static void free_source(struct source *source)
{
	for (size_t i = 0; i < source->n; i++) {
		free((void *)(uintptr_t)source->lines[i].text);
		free((void *)(uintptr_t)source->lines[i].count);
	}
	free(source->lines);
}

/* Its lines; none where the text is not known. */
static bool read_source(const struct cover_file *file, struct source *ret)
{
	const char *at = file && file->text ? file->text : "";
	*ret = (struct source){0};
	while (*at) {
		size_t bytes = strcspn(at, "\n");
		if (ret->n == ret->capacity) {
			size_t capacity = ret->capacity ? 2 * ret->capacity : 64;
			pp_source_line *grown = realloc(ret->lines, capacity * sizeof *grown);
			if (!grown)
				return false;
			ret->lines = grown;
			ret->capacity = capacity;
		}
		ret->lines[ret->n] = (pp_source_line){strndup(at, bytes), NULL, PP_LINE_PLAIN};
		if (!ret->lines[ret->n++].text)
			return false;
		at += bytes + (at[bytes] == '\n');
	}
	return true;
}

static bool count_line(struct source *source, const struct cover_line *line)
{
	static const pp_line_state states[] = {
		[COVER_DECIDED] = PP_LINE_USED, [COVER_PASSED] = PP_LINE_PASSED, [COVER_NEVER] = PP_LINE_NEVER};
	char *count = NULL;
	if (line->line > source->n)
		return true;
	if (asprintf(&count, "%" PRIu64, line->decided) < 0)
		return false;
	pp_source_line *at = &source->lines[line->line - 1];
	free((void *)(uintptr_t)at->count);
	at->state = states[cover_state_of(line)];
	at->count = count;
	return true;
}

static int put_source_of(pp_sheet *sheet, const struct coverage *coverage, size_t first, size_t end)
{
	struct source source;
	struct cover_line line;
	size_t n_decided = 0, n_lines = 0;
	bool good = read_source(coverage_file(coverage, coverage->lines[first].file), &source);
	for (size_t i = first, n; good && i < end; i += n) {
		n = same_line(coverage, i, end, &line);
		n_lines++;
		n_decided += line.decided > 0;
		good = count_line(&source, &line);
	}
	char *title = NULL;
	if (asprintf(&title, "%s: %zu of %zu lines", coverage->lines[first].file, n_decided, n_lines) < 0)
		title = NULL;
	if (good && title)
		pp_sheet_source(sheet, title, n_decided < n_lines, source.lines, source.n);
	free_source(&source);
	good = good && title;
	free(title);
	return good ? STATUS_OK : STATUS_SYSTEM;
}

static int put_facts(pp_sheet *sheet, const struct coverage *coverage)
{
	static const char *const heads[] = {"kind", "name", ">packets"};
	pp_cell *cells = calloc(coverage->n_facts * 3 + 1, sizeof *cells);
	char(*texts)[24] = calloc(coverage->n_facts + 1, sizeof *texts);
	for (size_t i = 0; cells && texts && i < coverage->n_facts; i++) {
		const struct cover_fact *fact = &coverage->facts[i];
		(void)snprintf(texts[i], sizeof texts[i], "%" PRIu64, fact->n);
		cells[3 * i] = (pp_cell){.text = fact->kind};
		cells[3 * i + 1] = (pp_cell){.text = fact->name, .bad = fact->n == 0};
		cells[3 * i + 2] = (pp_cell){.text = texts[i]};
	}
	if (cells && texts)
		pp_sheet_table(sheet, heads, 3, cells, coverage->n_facts);
	int status = cells && texts ? STATUS_OK : STATUS_SYSTEM;
	free(cells);
	free(texts);
	return status;
}

int cover_write_page(const struct coverage *coverage, const char *path)
{
	pp_sheet *sheet = NULL;
	const char *text;
	char head[128];
	size_t bytes, n;
	if (pp_sheet_new("Coverage of scenarios", &sheet) < 0)
		return STATUS_SYSTEM;
	(void)snprintf(head, sizeof head,
		       "%zu of %zu lines with a rule, route, element, flow or event decided anything.",
		       coverage_n_decided(coverage), coverage->n_lines);
	pp_sheet_text(sheet, head);
	pp_sheet_text(sheet, "Green: matched packets, with their number. Yellow: consulted, and matched none. Red: "
			     "never consulted.");
	pp_sheet_section(sheet, "Reasons, kinds of element, states of NATs");
	int status = put_facts(sheet, coverage);
	pp_sheet_section(sheet, "Scenarios");
	for (size_t i = 0; status == STATUS_OK && i < coverage->n_lines; i += n) {
		n = same_file(coverage, i);
		status = put_source_of(sheet, coverage, i, i + n);
	}
	if (status == STATUS_OK)
		status = pp_sheet_finish(sheet, &text, &bytes) == 0 ? save_file(path, text, bytes) : STATUS_SYSTEM;
	pp_sheet_free(sheet);
	return status;
}
