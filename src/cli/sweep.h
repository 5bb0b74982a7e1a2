/* A sweep: every combination of values of some settings, times every seed, is a run; its measures are a line of a table.
 *
 * DOC: the plan says which runs there are and what is measured; it is text in the head of the ledger, so that tables, page and
 * answer can be made of ledgers alone. A combination is numbered like a number whose digits are the values of the settings: the
 * last setting changes fastest, and the seed faster still. */
#ifndef PKTPATH_CLI_SWEEP_H
#define PKTPATH_CLI_SWEEP_H
#include "cli/work.h"

#define SWEEP_MAX_RUNS 1000000u

struct vary {
	char *path;
	char **values;
	size_t n;
};
enum find_compare { FIND_LT, FIND_LE, FIND_GT, FIND_GE, FIND_EQ, FIND_NE, FIND_COMPARE_COUNT };
struct find {
	size_t vary, measure;
	enum find_compare compare;
	int64_t value; /* count, ns, or parts of 10^9 */
	char *text;    /* as it was given */
};
struct sweep_measure {
	char *name;
	pp_measure_kind kind;
};
struct sweep {
	char *scenario; /* its name */
	char *digest;   /* of its file and what replaces values of it */
	struct vary *varies;
	size_t n_varies;
	struct sweep_measure *measures;
	size_t n_measures;
	uint64_t first_seed, n_seeds;
	struct find *find;       /* NULL */
	bool is_short_of_memory; /* why its plan cannot be read */
};

/* ---- vary.c ---- */
/* "PATH=V1,V2", "PATH=A..B:STEP", "PATH=A..BxFACTOR". A status; said. */
int vary_parse(const struct command *command, const char *text, struct vary *ret);
void vary_free(struct vary *vary);

/* ---- sweep_plan.c ---- */
char *sweep_print_plan(const struct sweep *sweep); /* to be freed; NULL where memory is short */
int sweep_parse_plan(const char *plan, struct sweep *ret);
void sweep_free(struct sweep *sweep);
size_t sweep_n_combinations(const struct sweep *sweep);
/* The number of the value that setting `vary` has in a combination. */
size_t sweep_digit(const struct sweep *sweep, size_t combination, size_t vary);
/* "PATH=VALUE PATH=VALUE seed=N"; without seed for a combination alone. To be freed. */
char *sweep_run_name(const struct sweep *sweep, size_t run);
char *sweep_combination_name(const struct sweep *sweep, size_t combination);

/* ---- sweep_values.c: of records ---- */
struct value { /* of a measure in a run */
	bool known;
	int64_t value; /* count, ns; of a share parts of 10^9 */
	uint64_t part, whole;
};
struct values { /* of all runs: they stay in their records, which are short */
	const struct sweep *sweep;
	const struct records *records; /* that can be read */
	int64_t *sorted;               /* room for the values of a combination */
};
/* A status, said: records of a ledger may have been changed. */
int sweep_read_values(const struct sweep *sweep, const struct records *records, struct values *ret);
void values_free(struct values *values);
struct value sweep_value(const struct values *values, size_t run, size_t measure);
bool sweep_has_trouble(const struct values *values, size_t run); /* it could not be made */
char *sweep_trouble(const struct values *values, size_t run);    /* why; to be freed; NULL where memory is short */
/* Of a measure at a combination, over the seeds. */
struct statistics {
	size_t n;
	int64_t min, p5, p50, p95, p99, max, mean;
	uint64_t part,
		whole; /* of a share: added up, with the interval that has it in 95 of 100 cases, in parts of 10^9 */
	int64_t low, high;
};
void sweep_statistics(const struct values *values, size_t combination, size_t measure, struct statistics *ret);
void print_share(FILE *out, int64_t parts); /* 0.000123 */
void print_value(FILE *out, pp_measure_kind kind, const struct value *value);

/* ---- sweep_find.c ---- */
int find_parse(const struct command *command, const char *text,
	       struct sweep *sweep);                                   /* once varies are known; adds the measure */
int find_value_of(const struct command *command, struct sweep *sweep); /* once kinds of measures are known; a status */
enum find_verdict { FIND_HOLDS, FIND_FAILS, FIND_OPEN };
struct find_answer {                 /* for one combination of the other settings */
	enum find_verdict *verdicts; /* by value of the setting */
	size_t smallest;             /* number of the value; n where none holds */
	size_t again;                /* the first value above it that does not hold; n where there is none */
};
/* `combination`: one with the first value of the setting. */
int find_answer(const struct values *values, size_t combination, struct find_answer *ret);
/* Least calls of a value's runs together, so that the answer can be given. */
uint64_t find_min_calls(const struct sweep *sweep);
void print_find(FILE *out, const struct values *values);
void print_find_json(FILE *out, const struct values *values);
const char *find_verdict_word(enum find_verdict verdict);

/* ---- sweep_write.c, sweep_page.c ---- */
int sweep_write(const struct work *work, const struct records *records);
int sweep_page(const struct sweep *sweep, const struct values *values, const char *directory);
void sweep_print_json(const struct values *values);
extern const struct work_kind sweep_kind;
#endif
