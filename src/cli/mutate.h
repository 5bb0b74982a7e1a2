/* Mutants of a scenario, what became of each, and which may survive. */
#ifndef PKTPATH_CLI_MUTATE_H
#define PKTPATH_CLI_MUTATE_H
#include "cli/cli.h"

enum mutant_fate {
	MUTANT_KILLED,   /* an expectation failed */
	MUTANT_IDLE,     /* nothing that was done in the run is different */
	MUTANT_REFUSED,  /* the language forbids it */
	MUTANT_SURVIVED, /* packets are different, and no expectation notices */
	MUTANT_LISTED,   /* it survived, and is known to, for a reason */
	MUTANT_UNKNOWN,  /* it could not be run */
	MUTANT_FATE_COUNT
};

struct trial {
	enum mutant_fate fate;
	char *why; /* the expectation that failed; the first step that is different; what refused it; the reason */
};

/* What the scenario does unchanged: a number for each step. */
struct reference {
	uint64_t *steps;
	size_t n, capacity;
	uint64_t health; /* of its environments, over the run */
};

/* ---- mutate_run.c ---- */
/* Runs the scenario as it is. STATUS_OK; STATUS_FAILED where an expectation fails; STATUS_SYSTEM; said. */
int reference_take(const pp_scenario *scenario, const char *name, struct reference *ret);
void reference_free(struct reference *reference);
/* Runs one mutant. Needs no other thread's leave. */
struct trial mutant_try(const char *path, const struct overrides *overrides, const pp_mutant *mutant,
			const struct reference *reference);

/* ---- mutate_record.c: a trial as a line of a ledger; the plan; the table of all of them ---- */
const char *mutant_fate_name(enum mutant_fate fate);
char *mutant_record(enum mutant_fate fate, const char *why);
struct trial mutant_read_record(const char *record);
char *mutant_case_name(const pp_mutant *mutant);
char *mutants_print_plan(const pp_mutants *mutants, const char *name, const struct overrides *overrides,
			 const pp_scenario *scenario);
struct work_kind;
extern const struct work_kind mutate_kind;

/* ---- mutate_survivors.c ---- */
struct survivor { /* a line of the file: PATTERN REASON */
	char *pattern, *reason;
	unsigned line;
	bool used;
};
struct survivors {
	char *file;
	struct survivor *items;
	size_t n;
};
/* `file` NULL: the scenario's own, if there is one. A status; said. */
int survivors_read(const char *file, const char *scenario, struct survivors *ret);
/* The line that says why this one may survive; NULL. */
struct survivor *survivors_find(struct survivors *survivors, const pp_mutant *mutant);
void survivors_free(struct survivors *survivors);
/* "network.ases.one.snat.hairpin=false"; of what is taken away nothing stands behind the sign. malloc'd. */
char *mutant_text(const pp_mutant *mutant);
#endif
