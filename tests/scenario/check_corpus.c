/* The corpus: each file of good/ loads, each of bad/ has exactly the errors that its first lines name.
 *
 * Lines that begin a file:   # expect: LINE:COLUMN text that the message contains
 *                            # warning: LINE:COLUMN text
 *                            # set: PATH=VALUE        (as `--set` on the command line; errors there are at 0:0)
 * in the order of places. Each error must also have a way out and, where it is in the file, show its line. */
#include "base/buf.h"
#include "scenario/load.h"
#include "suite.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef CORPUS
#error "CORPUS names the directory of good/ and bad/"
#endif
#define MAX_LINES 200

struct claim {
	enum diag_severity severity;
	unsigned line, column;
	const char *text;
};
struct claims { /* what the first lines of a file say */
	struct claim items[MAX_LINES];
	size_t n;
	struct scenario_override overrides[MAX_LINES];
	size_t n_overrides;
};

static const char *after(const char *line, const char *start)
{
	return strncmp(line, start, strlen(start)) == 0 ? line + strlen(start) : NULL;
}

static void take_claim(struct claims *claims, enum diag_severity severity, const char *text)
{
	struct claim *claim = &claims->items[claims->n++];
	int n = 0;
	ck_assert_msg(sscanf(text, "%u:%u %n", &claim->line, &claim->column, &n) == 2 && n > 0,
		      "no LINE:COLUMN in `%s`", text);
	claim->severity = severity;
	claim->text = text + n;
}

static void read_claims(struct arena *arena, const char *path, struct claims *claims)
{
	char *line = NULL;
	size_t capacity = 0;
	FILE *file = fopen(path, "r");
	ck_assert_msg(file, "cannot open %s", path);
	while (getline(&line, &capacity, file) > 0 && line[0] == '#') {
		line[strcspn(line, "\n")] = '\0';
		char *text = arena_strdup(arena, line);
		const char *rest;
		ck_assert(claims->n < MAX_LINES && claims->n_overrides < MAX_LINES);
		if ((rest = after(text, "# expect: ")))
			take_claim(claims, DIAG_ERROR, rest);
		else if ((rest = after(text, "# warning: ")))
			take_claim(claims, DIAG_WARNING, rest);
		else if ((rest = after(text, "# set: "))) {
			char *equals = strchr(text, '=');
			ck_assert_ptr_nonnull(equals);
			*equals = '\0';
			claims->overrides[claims->n_overrides++] = (struct scenario_override){rest, equals + 1};
		}
	}
	free(line);
	fclose(file);
}

static bool claim_holds(const struct claim *claim, const struct diag *diag)
{
	return claim->severity == diag->severity && claim->line == diag->place.line &&
	       claim->column == diag->place.column && strstr(diag->message, claim->text);
}

/* Appends to `out` what differs. */
static void compare(struct buf *out, const char *name, const struct claims *claims, const struct diag_list *diags)
{
	size_t n = claims->n > diags->n ? claims->n : diags->n;
	for (size_t i = 0; i < n; i++) {
		const struct claim *claim = i < claims->n ? &claims->items[i] : NULL;
		const struct diag *diag = i < diags->n ? &diags->items[i] : NULL;
		if (claim && diag && claim_holds(claim, diag))
			continue;
		buf_printf(out, "%s: expected %u:%u %s\n", name, claim ? claim->line : 0, claim ? claim->column : 0,
			   claim ? claim->text : "nothing more");
		buf_printf(out, "%s: found    %u:%u %s\n", name, diag ? diag->place.line : 0,
			   diag ? diag->place.column : 0, diag ? diag->message : "nothing more");
		return; /* what follows is off by one */
	}
	for (size_t i = 0; i < diags->n; i++) {
		const struct diag *diag = &diags->items[i];
		if (diag->severity == DIAG_ERROR && !diag->hint)
			buf_printf(out, "%s: %u:%u has no hint\n", name, diag->place.line, diag->place.column);
		if (diag->place.line > 0 && strncmp(diag->place.file, "--set", 5) != 0 && !diag->excerpt)
			buf_printf(out, "%s: %u:%u does not show its line\n", name, diag->place.line,
				   diag->place.column);
	}
}

static void try_file(struct buf *out, const char *folder, const char *name, bool is_good)
{
	struct arena *arena = arena_new();
	struct claims *claims = arena ? arena_alloc(arena, sizeof *claims) : NULL;
	struct diag_list diags;
	struct model *model;
	ck_assert_ptr_nonnull(claims);
	diag_init(&diags, arena);
	const char *path = arena_printf(arena, "%s/%s/%s", CORPUS, folder, name);
	read_claims(arena, path, claims);
	int r = scenario_load_file(arena, path, claims->overrides, claims->n_overrides, &diags, &model);
	ck_assert_msg(r == 0, "%s: %d", name, r);
	compare(out, name, claims, &diags);
	if (!!model != is_good)
		buf_printf(out, "%s: %s\n", name, is_good ? "does not load" : "loads");
	diag_deinit(&diags);
	arena_free(arena);
}

static void try_folder(const char *folder, bool is_good, unsigned at_least)
{
	struct arena *arena = arena_new();
	struct buf out = {0};
	unsigned n = 0;
	DIR *directory = opendir(arena_printf(arena, "%s/%s", CORPUS, folder));
	ck_assert_ptr_nonnull(directory);
	for (struct dirent *entry; (entry = readdir(directory));) {
		if (entry->d_name[0] == '.')
			continue;
		try_file(&out, folder, entry->d_name, is_good);
		n++;
	}
	closedir(directory);
	arena_free(arena);
	ck_assert_msg(out.size_bytes == 0, "\n%s", buf_text(&out));
	ck_assert_uint_ge(n, at_least);
	buf_free(&out);
}

START_TEST(good_files_load)
{
	try_folder("good", true, 5);
}
END_TEST

START_TEST(bad_files_have_the_errors_they_name)
{
	try_folder("bad", false, 40);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("scenario/corpus");
	TCase *c = tcase_create("corpus");

	tcase_add_test(c, good_files_load);
	tcase_add_test(c, bad_files_have_the_errors_they_name);
	suite_add_tcase(s, c);
	return suite_run(s);
}
