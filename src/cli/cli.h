/* What the subcommands share. They see include/pktpath alone: what they cannot do an embedder cannot either. */
#ifndef PKTPATH_CLI_CLI_H
#define PKTPATH_CLI_CLI_H
#include <pktpath/tools.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

enum status { STATUS_OK = 0, STATUS_FAILED = 1, STATUS_USAGE = 2, STATUS_SYSTEM = 3 };

struct command {
	const char *name;
	const char *arguments;
	const char *summary;
	const char *help;     /* options, a line each */
	const char *examples; /* two command lines without the program's name, a line each */
	int (*main)(const struct command *command, int argc, char **argv);
};

/* ---- commands.c ---- */
#define COMMANDS_MAX 32
const struct command *command_table(size_t *ret_n);
const struct command *command_named(const char *name); /* NULL where none is */

/* ---- help.c ---- */
void print_program_help(FILE *out);
void print_command_help(const struct command *command);

/* ---- hints.c: what a reader can copy ---- */
void print_word(FILE *out, const char *word);     /* quoted for a shell where it must be */
void print_program(FILE *out);                    /* as it was started */
void print_commands(FILE *out, const char *text); /* with the program in place of "pktpath" before a command */
void print_hint(const char *format, ...) __attribute__((format(printf, 1, 2))); /* "hint: ...", to stderr */
void print_absent_file(const char *path); /* the file that may be meant by a path that leads nowhere, as a hint */

/* ---- complete.c ---- */
/* For shells: prints what may stand in place of the last of the words, a line each. A status. */
int complete(int n_words, char **words);

/* ---- guard.c ---- */
int guard_output(void); /* stdout and stderr show nothing unsafe from here on; -1 where memory is short */
bool guard_said(void);  /* whether anything was written to stderr */
bool guard_lost(void);  /* whether something could not be written there */
int descriptor_of(FILE *stream);

/* ---- terminal.c ---- */
struct paint { /* escape sequences, or "" where there is no colour */
	const char *good, *bad, *dim, *bold, *off;
};
struct paint paint_for(FILE *stream);
/* How wide lines may be: the terminal's width; elsewhere what COLUMNS says, or COLUMNS_UNKNOWN. */
#define COLUMNS_UNKNOWN 0
int columns_of(FILE *stream);
/* Text in lines as wide as that. The first begins at `column`, where the caller has left off; further ones are indented
 * to it. A piece that fits into a line of its own is not broken; a word that is too long begins further left. */
struct lines {
	FILE *out;
	int column;
	size_t columns;
	size_t at;  /* columns used */
	bool empty; /* nothing stands in this line so far */
};
struct lines lines_at(FILE *out, int column);
struct lines cell_at(FILE *out, int column); /* the last cell of a table's row: not broken where the width is unknown */
/* "(from network.json:61)": what the thing at the place before it was made from. */
void put_made_from(struct lines *lines, const struct paint *paint, const char *made_from);
void lines_put(struct lines *lines, const char *paint,
	       const char *text); /* `paint`: a sequence of struct paint, or "" */
void lines_break(struct lines *lines);
void lines_break_for(struct lines *lines, size_t n); /* a word of n columns */
void lines_end(struct lines *lines);
/* A text and the end of its line: as it is, or, where it begins at column `at` and does not fit, in lines further ones
 * of which begin at `column`. Blanks at its head keep it from what stands before it in the first line. */
void print_broken(FILE *out, int at, int column, const char *text);
/* As many columns as a text takes on a terminal: letters beyond ASCII are longer than one byte, and may be none or two
 * columns wide. */
int text_columns(const char *text);
bool overwrites(FILE *stream); /* whether a line can be taken back: a terminal that is no dumb one */

/* ---- diagnostics.c ---- */
/* "WHO: error: ...", to stderr. */
void print_error(const char *who, const char *format, ...) __attribute__((format(printf, 2, 3)));
void vprint_error(const char *who, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
enum warnings { WARNINGS_BY_KIND, WARNINGS_NONE, WARNINGS_ALL };
struct lister { /* "`pktpath run --warnings one.yaml`": it lists all of a kind */
	const char *command, *path;
};
/* Errors and warnings, to stderr: each message once. How many errors. */
size_t print_diagnostic_list(const pp_diagnostic *list, size_t n, enum warnings warnings, const struct lister *lister);
/* Those of a scenario, and at the end how many errors. */
void print_diagnostics(const pp_scenario *scenario, const char *path, enum warnings warnings);

/* ---- text.c ---- */
char *print_end_point(pp_addr addr, uint16_t port, uint8_t protocol, char *text, size_t size); /* "10.0.1.6:49152" */
#define END_POINT_BYTES 64
/* "240 s", "30 d 2 h": whole units, at most two. */
char *print_duration(int64_t ns, char *text, size_t size);
void print_json_text(FILE *out, const char *text);         /* with quotes; NULL is null */
void print_json_member(const char *key, const char *text); /* to stdout, with a comma before it */
/* What was said so far stands before what is said on stderr next, where both go to one place. A failure shows at the
 * end. */
void flush_output(void);
/* Flushes stdout. STATUS_SYSTEM, with a message, where it could not be written; a closed pipe ends quietly. */
int close_output(int status);
/* Says it, once, and makes the program end with STATUS_SYSTEM, whatever else was said. STATUS_SYSTEM. */
int say_short_memory(void);
bool memory_was_short(void); /* was it said? */
/* As asprintf(), to be freed; NULL where memory is short, which was said. */
char *formatted(const char *format, ...) __attribute__((format(printf, 1, 2)));
struct text { /* written as to a file */
	FILE *stream;
	char *text;
	size_t bytes;
};
FILE *text_begin(struct text *text); /* NULL where memory is short, which was said */
char *text_end(struct text *text);   /* to be freed; NULL likewise */
const char *error_text(int error);   /* why a function of the library failed */

/* ---- expectations.c ---- */
/* Of an expectation that failed: where it stands, what was expected, what came and why, a line each. */
/* `like`: same_cause_before(), whose cause it has. */
void print_failure(FILE *out, const pp_expectation *e, const char *like, const char *directory, const char *indent);
/* The name of an earlier expectation that failed by the same cause, which is printed once; NULL. */
const char *same_cause_before(const pp_run *run, size_t index);
/* The first that failed by this cause; NULL where none did. */
const char *expectation_with_cause(const pp_run *run, const char *what);
/* "cause:    ...", in the width of a terminal. */
void print_labelled(FILE *out, const char *indent, const char *label, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void print_expectations(const pp_run *run, bool quiet); /* of a run that has finished; quiet: those that failed */
/* What became of each of `n` flows, a row each: for a scenario that expects nothing. */
void print_outcomes(const pp_run *run, size_t n);

/* ---- findings.c ---- */
void print_health(const pp_run *run); /* of environments that lacked something at any time */
/* What nothing used, to stderr. */
void print_warnings(const pp_run *run, const char *path, enum warnings warnings);
void print_notes(const pp_run *run); /* about the output directory, to stderr */

/* ---- overrides.c ---- */
/* The values of a scenario that its command line replaces. */
struct overrides {
	bool quiet; /* warnings are not printed */
	pp_override *items;
	size_t n;
	char **owned; /* paths that were made for them */
	size_t n_owned;
	bool all_warnings; /* --warnings */
};
/* What getopt_long() gives for these options: beyond letters and what a command's own options give, from 256 on. */
enum { OPTION_SET = 512, OPTION_VAR, OPTION_SEED };
/* Their entries in a command's table of options. */
#define SET_VAR_OPTIONS                                                                                                \
	{"set", required_argument, NULL, OPTION_SET},                                                                  \
	{                                                                                                              \
		"var", required_argument, NULL, OPTION_VAR                                                             \
	}
#define OVERRIDE_OPTIONS                                                                                               \
	SET_VAR_OPTIONS,                                                                                               \
	{                                                                                                              \
		"seed", required_argument, NULL, OPTION_SEED                                                           \
	}
/* Whether the option that getopt_long() gave is one of them. Its argument was then taken, and the status is how that
 * went. Without a command a wrong argument, STATUS_USAGE, is not said. */
bool overrides_take(const struct command *command, struct overrides *overrides, int option, int *ret_status);
const char *override_takes(int option); /* "--set takes PATH=VALUE" */
enum warnings warnings_of(const struct overrides *overrides);
void print_overrides(const struct overrides *overrides); /* as options of a command, to stdout */
void overrides_free(struct overrides *overrides);

/* ---- options.c ---- */
int usage_error(const struct command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct option;
/* After getopt_long() with a `:` at the head of the short options gave `:` or `?`: says which option is wrong and how.
 * STATUS_USAGE. */
int option_error(const struct command *command, int c, char **argv, const struct option *options);
#define STANDARD_INPUT "-"
#define STANDARD_INPUT_NAME "stdin" /* as messages and output directories have it */
/* As pp_scenario_load(); the path "-" is standard input. */
int load_input(const char *path, const struct overrides *overrides, pp_scenario **ret);
/* Loads and says what is wrong. STATUS_OK, STATUS_USAGE or STATUS_SYSTEM. */
int load_scenario(const char *path, const struct overrides *overrides, pp_scenario **ret);
/* Whole text as a number; false otherwise. */
int parse_number(const char *text, uint64_t max, uint64_t *ret);

/* ---- scenario_command.c ---- */
enum scenario_option {
	TAKES_SEED = 1,
	TAKES_AT = 2,
	TAKES_FROM = 4
}; /* --set, --json, --quiet and --help are of all */
struct asked {
	pp_scenario *scenario;
	const char *name; /* behind the scenario; NULL where none is due */
	const char *from; /* NULL where none is given */
	bool json, quiet, has_at;
	int64_t at_ns;
};
struct scenario_command {
	unsigned takes;   /* enum scenario_option */
	const char *name; /* "a name": what stands behind the scenario; NULL: nothing */
	int (*answer)(const struct command *command, const struct asked *asked); /* returns a status */
};
/* Reads the command line, loads the scenario, and has the question answered. */
int ask(const struct command *command, const struct scenario_command *how, int argc, char **argv);

/* ---- explain_text.c, explain_json.c ---- */
void print_explanation_text(const pp_explanation *explanation, bool quiet); /* quiet: only outcomes */
void print_explanation_json(const pp_explanation *explanation, const char *name, const char *file);

/* ---- differences.c ---- */
/* "ports,ids,time" as PP_IGNORE_* bits. STATUS_OK or STATUS_USAGE. */
int parse_ignore(const struct command *command, char *text, unsigned *ret);
/* Where the status is STATUS_SYSTEM or STATUS_USAGE it was said why. The comparison is NULL then. */
int compare_directories(const char *before, const char *after, unsigned ignore, pp_comparison **ret);
void print_differences(FILE *out, const pp_comparison *comparison, const char *indent);
void print_differences_json(const pp_comparison *comparison, const char *before, const char *after);

/* ---- parallel.c ---- */
#define PARALLEL_MAX_JOBS 256
struct parallel {
	void (*work)(void *context, size_t i);     /* in a thread of its own */
	void (*finished)(void *context, size_t i); /* in the caller's, in order */
	void (*waiting)(void *context, size_t i);  /* that this item is not finished yet */
};
/* STATUS_OK; STATUS_SYSTEM where memory is short or a signal ended it, which was said. */
int parallel_run(const struct parallel *parallel, void *context, size_t n, uint64_t n_jobs);
uint64_t parallel_jobs(void); /* as many as there are processors */
int parallel_parse_jobs(const struct command *command, const char *text, uint64_t *ret); /* of -j; a status */
void parallel_show(size_t i, size_t n, const char *what);                                /* on a terminal */
void parallel_hide(void);

/* ---- progress.c ---- */
int64_t clock_ns(void); /* of the real clock */
struct progress {
	int shown, terminal;
	int64_t begun_ns, last_ns; /* of the real clock */
};
void progress_begin(struct progress *progress);
void progress_show(struct progress *progress, const pp_run *run);
void progress_end(struct progress *progress); /* takes the line away */
int64_t progress_elapsed_ns(const struct progress *progress);

/* ---- report.c ---- */
/* Makes the page report.html of the output in a directory, and prints where it is. A status. */
int make_page(const char *directory, bool quiet);
/* The same of a run that has finished and whose page was begun with it. */
int make_page_of_run(pp_page *page, const char *directory, bool quiet);

/* ---- watch.c ---- */
/* Files whose changes are waited for. */
struct watch;
struct watch *watch_new(void); /* NULL where memory is short */
void watch_free(struct watch *watch);
int watch_add(struct watch *watch, const char *path); /* a status; a path that leads nowhere may lead somewhere later */
int watch_add_all(struct watch *watch, const struct watch *other); /* those of the other that it does not have */
/* Until one of them changes, or one that was away is back: true. False where a signal came. */
bool watch_wait(struct watch *watch);

/* ---- simulate.c ---- */
/* Runs to the end, with progress and an ear for signals; says what failed. STATUS_OK or STATUS_SYSTEM. */
int simulate(pp_run *run, const char *name, struct progress *progress);

/* ---- leftovers.c ---- */
#define LEFTOVER_PREFIX ".pktpath-"
/* Removes what is named PREFIXPID-XXXXXX in the directory and belongs to a process that is gone. */
void leftovers_remove(const char *directory, const char *prefix);
void remove_tree(const char *path);

/* ---- save.c ---- */
/* Puts a file into place, whole or not at all; says what failed. STATUS_OK or STATUS_SYSTEM. */
int save_file(const char *path, const char *text, size_t bytes);
/* The same of what `print` prints, which returns 0 or a negative errno: a large file need not stand in memory. */
int save_printed(const char *path, int (*print)(FILE *out, const void *context), const void *context);
/* layout.c: what `dot -Tjson0` makes of a graph; to be freed. 0, -ENOENT (there is no dot), -EPROTO (it failed), or
 * another negative errno. */
int layout_by_dot(const char *graph, size_t bytes, char **ret, size_t *ret_bytes);

/* ---- signals.c ---- */
void signals_catch(void);
/* ---- memory.c ---- */
/* A regular file for reading: the descriptor, or -ESPIPE where it is none, -EISDIR, another -errno. Never blocks. */
int input_open(const char *path);
FILE *input_file(const char *path); /* the same; NULL with errno */
void memory_for_json(void);         /* jansson gets what it asks for, or the program ends with STATUS_SYSTEM */
void memory_end(void) __attribute__((noreturn));
/* What is asked for, or the program ends in the same way. */
void *memory_grown(void *block, size_t bytes);
char *memory_text(const char *text, size_t bytes);
char *memory_printed(const char *format, ...) __attribute__((format(printf, 1, 2)));
int signals_caught(void); /* the signal, 0 where none came */

int command_run(const struct command *command, int argc, char **argv);
int command_addresses(const struct command *command, int argc, char **argv);
int command_check(const struct command *command, int argc, char **argv);
int command_cover(const struct command *command, int argc, char **argv);
int command_diff(const struct command *command, int argc, char **argv);
int command_draw(const struct command *command, int argc, char **argv);
int command_report(const struct command *command, int argc, char **argv);
int command_dut(const struct command *command, int argc, char **argv);
int command_import(const struct command *command, int argc, char **argv);
int command_explain(const struct command *command, int argc, char **argv);
int command_classify(const struct command *command, int argc, char **argv);
int command_fmt(const struct command *command, int argc, char **argv);
int command_mutate(const struct command *command, int argc, char **argv);
int command_nat(const struct command *command, int argc, char **argv);
int command_open(const struct command *command, int argc, char **argv);
int command_new(const struct command *command, int argc, char **argv);
int command_resolve(const struct command *command, int argc, char **argv);
int command_schema(const struct command *command, int argc, char **argv);
int command_lsp(const struct command *command, int argc, char **argv);
int command_merge(const struct command *command, int argc, char **argv);
int command_sweep(const struct command *command, int argc, char **argv);
int command_test(const struct command *command, int argc, char **argv);
#endif
