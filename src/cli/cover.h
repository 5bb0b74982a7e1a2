/* What a suite exercised: lines of its scenarios and facts (reasons, kinds of element, states of NATs), added up over
 * its runs. */
#ifndef PKTPATH_CLI_COVER_H
#define PKTPATH_CLI_COVER_H
#include "cli/suite.h"

struct cover_line {
	char *file, *kind, *name;
	uint32_t line;
	uint64_t decided, passed;
};
struct cover_fact {
	char *kind, *name;
	uint64_t n;
};
struct cover_file {        /* of a scenario */
	char *name, *real; /* as it was named; its whole path */
	char *text;        /* NULL: it was not there any more */
};
struct coverage {
	struct cover_line *lines; /* by file, then line */
	size_t n_lines, capacity_lines;
	struct cover_fact *facts;
	size_t n_facts, capacity_facts;
	struct cover_file *files;
	size_t n_files, capacity_files;
};
enum cover_state { COVER_DECIDED, COVER_PASSED, COVER_NEVER };
enum cover_state cover_state_of(const struct cover_line *line);
const char *cover_state_word(enum cover_state state);
size_t coverage_n_decided(const struct coverage *coverage);
const struct cover_file *coverage_file(const struct coverage *coverage, const char *name); /* NULL */

/* ---- cover_record.c ---- */
char *cover_record(const pp_cover *cover); /* NULL: it could not be made, said where a file is why */
struct records;
int coverage_of(const struct records *records, struct coverage *ret); /* a status; free it in any case */
void coverage_free(struct coverage *coverage);
char *cover_print_plan(const struct suite_paths *paths, pp_scenario *const *scenarios,
		       const struct overrides *overrides);
struct work_kind;
extern const struct work_kind cover_kind;

/* ---- cover_write.c ---- */
void cover_print_text(const struct coverage *coverage, bool quiet);
void cover_print_json(const struct coverage *coverage);
int cover_write_json(const struct coverage *coverage, const char *path);
int cover_write_lcov(const struct coverage *coverage, const char *path);
int cover_write_page(const struct coverage *coverage, const char *path);
#endif
