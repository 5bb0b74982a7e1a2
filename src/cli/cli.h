/* What the subcommands share. They see include/pktpath alone: what they cannot do an embedder cannot either. */
#ifndef PKTPATH_CLI_CLI_H
#define PKTPATH_CLI_CLI_H
#include <pktpath/pktpath.h>
#include <stdio.h>

enum status { STATUS_OK = 0, STATUS_FAILED = 1, STATUS_USAGE = 2, STATUS_SYSTEM = 3 };

struct command {
	const char *name;
	const char *arguments;
	const char *summary;
	const char *help; /* options, a line each */
	int (*main)(const struct command *command, int argc, char **argv);
};

/* ---- text.c ---- */
struct paint { /* escape sequences, or "" where there is no colour */
	const char *good, *bad, *dim, *bold, *off;
};
struct paint paint_for(FILE *stream);
void print_diagnostics(const pp_scenario *scenario); /* to stderr */
/* "240 s", "30 d 2 h": whole units, at most two. */
char *print_duration(int64_t ns, char *text, size_t size);
void print_json_text(FILE *out, const char *text); /* with quotes */
/* Flushes stdout. STATUS_SYSTEM, with a message, where it could not be written; a closed pipe ends quietly. */
int close_output(int status);

/* ---- findings.c ---- */
void print_health(const pp_run *run);   /* of environments that lacked something at any time */
void print_warnings(const pp_run *run); /* what nothing used, to stderr */

/* ---- options.c ---- */
int usage_error(const struct command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct option;
/* After getopt_long() with a `:` at the head of the short options gave `:` or `?`: says which option is wrong and how. STATUS_USAGE. */
int option_error(const struct command *command, int c, char **argv, const struct option *options);
void print_command_help(const struct command *command);
struct overrides {
	pp_override *items;
	size_t n;
};
/* "PATH=VALUE", cut in place. False where there is no `=`. */
int overrides_add(struct overrides *overrides, char *text);
void overrides_free(struct overrides *overrides);
/* Loads and says what is wrong. STATUS_OK, STATUS_USAGE or STATUS_SYSTEM. */
int load_scenario(const char *path, const struct overrides *overrides, pp_scenario **ret);
/* Whole text as a number; false otherwise. */
int parse_number(const char *text, uint64_t max, uint64_t *ret);

/* ---- progress.c ---- */
struct progress {
	int shown, terminal;
	int64_t begun_ns, last_ns; /* of the real clock */
};
void progress_begin(struct progress *progress);
void progress_show(struct progress *progress, const pp_run *run);
void progress_end(struct progress *progress); /* takes the line away */
int64_t progress_elapsed_ns(const struct progress *progress);

/* ---- signals.c ---- */
void signals_catch(void);
int signals_caught(void); /* the signal, 0 where none came */

int command_run(const struct command *command, int argc, char **argv);
int command_check(const struct command *command, int argc, char **argv);
int command_resolve(const struct command *command, int argc, char **argv);
#endif
