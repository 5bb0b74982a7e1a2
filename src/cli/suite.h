/* A suite of scenarios: each is run and judged, and its output compared with committed captures. */
#ifndef PKTPATH_CLI_SUITE_H
#define PKTPATH_CLI_SUITE_H
#include "cli/cli.h"
#include <pthread.h>

enum suite_verdict { SUITE_PASS, SUITE_FAIL, SUITE_SKIP, SUITE_ERROR };

/* One thing that is reported by itself: an expectation, the comparison, or that the scenario could not be run. */
struct suite_case {
	enum suite_verdict verdict;
	char *name;
	char *message; /* a line */
	char *detail;  /* further lines, each with its newline; NULL */
	char *file;    /* where it stands; NULL */
	unsigned line;
	char *flow;      /* whose packet failed it; NULL where that is not known */
	uint64_t packet; /* its number */
	char *rule;      /* FILE:LINE:COLUMN of what decided so; NULL */
};

struct suite_item { /* a scenario */
	char *path;
	char *name;            /* of the scenario; its path where it could not be read */
	pp_scenario *scenario; /* NULL once it is done, or where it is wrong */
	struct suite_case *cases;
	size_t n_cases, capacity_cases;
	size_t n_expectations, n_failed; /* of which failed */
	int status;
	bool done;           /* here, or by an earlier run of this part */
	char *kept;          /* directory with what a run that failed wrote; NULL */
	bool made_kept;      /* which was not there before */
	bool has_page;       /* its captures and its page are in the report */
	int64_t duration_ns; /* of the clock; -1: not known */
};

#define SUITE_KEPT "pktpath-failed"
struct suite_kept {
	pthread_mutex_t mutex;
	int fd;          /* of the directory, locked; -1: it is not there */
	const char *why; /* nothing can be kept; NULL */
	int status;      /* then */
};

struct suite_options {
	const char *baseline;
	bool update, allow_empty;
	unsigned ignore;
	struct overrides overrides;
	const char *work;        /* a directory of the suite's own */
	const char *report;      /* where captures and pages of scenarios that fail go; NULL */
	const char *keep;        /* where captures of scenarios that fail go, without a report; NULL */
	struct suite_kept *kept; /* of the directory by default, which `keep` then names; NULL */
};

/* ---- suite_paths.c ---- */
/* Files as they are, of directories all scenarios below them in the order of their names. */
struct suite_paths {
	char **paths;
	size_t n, capacity;
};
int suite_paths_add(const struct command *command, struct suite_paths *paths, const char *path);
/* `scenarios/`, which is meant where no path is named. */
int suite_paths_add_default(const struct command *command, struct suite_paths *paths); /* a status */
void suite_paths_free(struct suite_paths *paths);

/* ---- suite.c ---- */
/* Runs, judges, compares; fills in cases and status. One thread an item; the others are not looked at. */
void suite_run(struct suite_item *item, const struct suite_options *options);
/* Takes away what the suite made in `directory`, and forgets what is kept. */
void suite_drop_kept(struct suite_item *items, size_t n, const char *directory);
/* A case is added; `detail` may be NULL, and all is copied. Where memory is short the item's status says so. */
struct suite_case *suite_add(struct suite_item *item, enum suite_verdict verdict, const char *name, const char *message,
			     const char *detail);
void suite_item_free(struct suite_item *item);

/* ---- suite_kept.c ---- */
void suite_kept_begin(struct suite_kept *kept); /* removes what an earlier suite has kept */
bool suite_kept_claim(struct suite_kept *kept); /* something failed: may it be kept? */
/* A status, with a message where something failed that could not be kept. */
int suite_kept_end(struct suite_kept *kept, bool has_failed);

/* ---- suite_text.c, suite_tap.c, suite_json.c, suite_junit.c ---- */
void suite_print_text(const struct suite_item *item, int name_columns, bool quiet);
void suite_print_summary(const struct suite_item *items, size_t n, const struct overrides *overrides, bool quiet);
void suite_print_tap(const struct suite_item *item, size_t *number); /* `number`: of cases so far */
void suite_print_json_head(void);
void suite_print_json(const struct suite_item *item, bool first);
void suite_print_json_end(const struct suite_item *items, size_t n);
/* ---- suite_record.c, suite_report.c ---- */
char *suite_record(const struct suite_item *item);                                   /* for a ledger; to be freed */
int suite_read_record(struct suite_item *item, const char *record);                  /* a status */
int suite_write_page(struct suite_item *item, pp_page *page, const char *directory); /* of a run; a status */
bool suite_is_to_repeat(const char *record);
void suite_print_annotations(const struct suite_item *item);
struct work_kind;
extern const struct work_kind suite_kind;
int suite_write_junit(const char *path, const struct suite_item *items, size_t n); /* a status */
#endif
