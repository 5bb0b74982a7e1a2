/* Long work that is many independent cases: done several at a time, in parts on several machines, stopped and resumed.
 *
 * DOC: what is known of the work stands in a ledger, a text file in its directory: a head that says what work it is, and
 * a line for each case that is done. All other output is made of the ledger alone, in the order of the plan. So a part
 * of the work, a work that was resumed and parts that are merged end in the same bytes as work that one machine did at
 * once. Times of the clock stand in durations.csv, apart. */
#ifndef PKTPATH_CLI_WORK_H
#define PKTPATH_CLI_WORK_H
#include "cli/cli.h"

struct shard {
	uint64_t index, count; /* 1/1: everything */
};
/* How it is done: which part of it, on how many threads, and whether where it was stopped. */
struct work_options {
	struct shard shard;
	uint64_t n_jobs;
	bool resume;
};
#define WORK_OPTIONS_DEFAULT                                                                                           \
	{                                                                                                              \
		.shard = {1, 1}, .n_jobs = parallel_jobs()                                                             \
	}
/* As OVERRIDE_OPTIONS: entries of a command's table of options, with the letter j, and what takes them. */
enum { OPTION_SHARD = 768, OPTION_RESUME };
#define WORK_OPTIONS                                                                                                   \
	{"shard", required_argument, NULL, OPTION_SHARD}, {"resume", no_argument, NULL, OPTION_RESUME},                \
	{                                                                                                              \
		"jobs", required_argument, NULL, 'j'                                                                   \
	}
bool work_options_take(const struct command *command, struct work_options *options, int option, int *ret_status);

/* What there is to do. Strings are borrowed but for the records. */
struct work {
	const char *kind;      /* "sweep" */
	const char *directory; /* of the ledger; NULL: nothing is kept */
	const char *plan; /* lines, each with its newline: all that is needed to make the output, but the records */
	struct work_options options;
	bool quiet;
	size_t n; /* cases */
	/* The name of a case, without tab and newline, different from all others, and the same whenever it is asked for;
	 * free it. NULL where memory is short. */
	char *(*name)(void *context, size_t i);
	/* In a thread of its own: does case i and returns what came, a line without its newline; free it. NULL: it could not
	 * be done, or a signal came. */
	char *(*run)(void *context, size_t i);
	/* Of a record that an earlier run has left: is the case to be done again? NULL: never. */
	bool (*repeats)(const char *record);
	/* In the caller's thread, in the order of the cases: this one is done. NULL: of no interest. */
	void (*finished)(void *context, size_t i, const char *record);
	void *context;
};

/* What was done, by the number of the case. */
struct records {
	size_t n;
	char **items;          /* NULL: not done, or another part's */
	int64_t *durations_ns; /* of the clock; -1 where it was not done here */
	bool held;
	int directory; /* descriptor, where it is held: no other pktpath writes there as long as these live */
};
/* Does what is not done yet. STATUS_OK: this part is done. STATUS_USAGE: the directory holds other work. STATUS_SYSTEM: it
 * was interrupted, or could not go on; what was done is kept. Said. */
int work_do(const struct work *work, struct records *ret);
void work_records_free(struct records *records);
/* Makes the directory and holds it, for work that writes there at once: without a --resume, and without another's files. A status, said. */
int work_claim(const struct work *work, struct records *records);

/* ---- ledger.c ---- */
#define LEDGER_NAME "ledger"
#define DURATIONS_NAME "durations.csv"
struct ledger_line {
	char *name, *record; /* cut out of the text */
};
struct ledger {
	char *text;
	size_t bytes;
	char *kind, *plan;
	struct shard shard;
	uint64_t n_cases;
	bool complete;     /* its last line says so */
	size_t good_bytes; /* up to the end of the last whole line */
	struct ledger_line *lines;
	size_t n;
};
/* 0, -ENOENT, another negative errno, or 1: it is no ledger. */
int ledger_read(const char *directory, struct ledger *ret);
void ledger_free(struct ledger *ledger);
/* The line of a case; NULL. */
struct ledger_line *ledger_find(struct ledger *ledger, const char *name);
/* Head, records in the order of the plan, end. A status; said. */
int ledger_write(const struct work *work, const struct records *records);
void ledger_print_head(FILE *out, const struct work *work);
/* A text in one field of a line: tab, newline and backslash are escaped. NULL is empty. */
void ledger_put(FILE *out, const char *text);
void ledger_put_next(FILE *out, const char *text); /* in a further field */
/* One that may be missing, in a further field: behind an equals sign; where it is NULL a lone hyphen. */
void ledger_put_maybe(FILE *out, const char *text);
const char *ledger_take_maybe(char **record);
/* A text by itself, for the name of a case; free it. NULL where memory is short. */
char *ledger_text(const char *text);
/* Cuts the next field off, and takes its escapes back; NULL at the end. */
char *ledger_take(char **record);
bool ledger_take_number(char **record, uint64_t max,
			uint64_t *ret); /* false: it is none, or there is no further field */

/* ---- plan.c ---- */
#define DIGEST_BEGIN UINT64_C(0xcbf29ce484222325)
uint64_t digest_bytes(uint64_t digest, const void *bytes, size_t n);
uint64_t digest_text(uint64_t digest, const char *text); /* and where it ends; NULL is empty */
uint64_t digest_overrides(uint64_t digest, const struct overrides *overrides);
int digest_file(uint64_t *digest, const char *path); /* 0, a negative errno */
/* Of the files that a scenario was loaded from, what it includes as well, from the file `first` on; nothing of standard input. false, said:
 * one cannot be read any more. */
bool digest_scenario(uint64_t *digest, const pp_scenario *scenario, size_t first);
struct plan_lines {
	char *text;
	char **items; /* behind the word and its tab, into the text */
	size_t n;
};
/* The lines of a plan that begin with this word. A status. */
int plan_lines_read(const char *plan, const char *word, struct plan_lines *ret);
void plan_lines_free(struct plan_lines *lines);

/* ---- spread_threads.c, spread_mpi.c ---- */
/* Has cases todo[0..n) done somewhere and their records handed over, in any order, one at a time. `done` returns a status:
 * anything but STATUS_OK ends it. STATUS_OK, STATUS_SYSTEM; said. */
struct spread {
	const struct work *work;
	const size_t *todo;
	size_t n;
	int (*done)(void *context, size_t i, char *record, int64_t duration_ns); /* takes the record over */
	void *context;
};
int work_spread(const struct spread *spread);
/* Around all that the program does. Of an MPI job all ranks but the first are helpers: they plan the same work, do cases, and write nothing. */
int spread_begin(int *argc, char ***argv); /* 0 or -1 */
bool spread_is_helper(void);
int spread_end(int status); /* returns it */

/* ---- outputs.c: made of the records ---- */
/* The output of work of this kind; NULL: there is no such kind. */
struct work_kind {
	const char *kind;
	/* Puts all files but the ledger and the durations into the directory. A status. */
	int (*write)(const struct work *work, const struct records *records);
	/* How many cases a plan has, and the name of each: for parts that are merged, where `plan` is all there is. */
	int (*plan)(const char *plan, struct work *ret); /* a status; sets n, name, context */
	void (*free)(struct work *work);
};
const struct work_kind *work_kind_named(const char *kind);
int make_directory(const char *path);                   /* with its parents; a status, said */
char *path_in(const char *directory, const char *name); /* to be freed */
#endif
