/* pktpath mutate: which changes of a scenario no expectation notices. */
#include "cli/mutate.h"
#include "cli/work.h"
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct settings {
	const char *path, *survivors, *output;
	struct work_options work;
	struct overrides overrides;
	bool all, json, quiet;
};

struct hunt {
	const struct settings *settings;
	const pp_scenario *scenario;
	const pp_mutants *mutants;
	struct reference reference;
	struct survivors survivors;
	struct trial *trials;
	bool *done; /* here */
	size_t counts[MUTANT_FATE_COUNT];
	size_t n;
};

/* ---- words ---- */

#define WHY_COLUMN 12

static void print_mutant(const struct hunt *hunt, size_t i)
{
	struct paint paint = paint_for(stdout);
	const struct trial *trial = &hunt->trials[i];
	pp_mutant m;
	pp_mutants_get(hunt->mutants, i, &m);
	int at = printf("  %s%-8s%s", trial->fate == MUTANT_SURVIVED ? paint.bad : paint.dim,
			mutant_fate_name(trial->fate), paint.off);
	at -= (int)(strlen(paint.bad) + strlen(paint.off));
	if (m.file) {
		char line[16];
		(void)snprintf(line, sizeof line, ":%" PRIu32, m.line);
		printf("  %s%s", m.file, line);
		at += 2 + text_columns(m.file) + (int)strlen(line);
	}
	char *text = formatted("  %s: %s%s%s", m.path, m.from, m.to ? " -> " : " taken away", m.to ? m.to : "");
	if (text)
		print_broken(stdout, at, WHY_COLUMN, text);
	free(text);
	if (!trial->why)
		return;
	const char *label = trial->fate == MUTANT_SURVIVED ? "first different: "
			    : trial->fate == MUTANT_KILLED ? "by expectation "
							   : "";
	printf("%*s", WHY_COLUMN, "");
	text = formatted("%s%s", label, trial->why);
	if (text)
		print_broken(stdout, WHY_COLUMN, WHY_COLUMN + 4, text);
	free(text);
}

static void print_json(const struct hunt *hunt, const char *name)
{
	fputs("{\n  \"scenario\": ", stdout);
	print_json_text(stdout, name);
	for (size_t i = 0; i < MUTANT_FATE_COUNT; i++)
		printf(",\n  \"%s\": %zu", i == MUTANT_SURVIVED ? "survived" : mutant_fate_name((enum mutant_fate)i),
		       hunt->counts[i]);
	fputs(",\n  \"mutants\": [\n", stdout);
	const char *between = "";
	for (size_t i = 0; i < hunt->n; i++) {
		if (!hunt->done[i])
			continue;
		fputs(between, stdout);
		between = ",\n";
		pp_mutant m;
		pp_mutants_get(hunt->mutants, i, &m);
		printf("    {\"fate\": \"%s\", \"path\": ",
		       hunt->trials[i].fate == MUTANT_SURVIVED ? "survived" : mutant_fate_name(hunt->trials[i].fate));
		print_json_text(stdout, m.path);
		fputs(", \"from\": ", stdout);
		print_json_text(stdout, m.from);
		fputs(", \"to\": ", stdout);
		print_json_text(stdout, m.to);
		fputs(", \"file\": ", stdout);
		print_json_text(stdout, m.file);
		printf(", \"line\": %" PRIu32 ", \"why\": ", m.line);
		print_json_text(stdout, hunt->trials[i].why);
		fputs("}", stdout);
	}
	fputs("\n  ]\n}\n", stdout);
}

static void print_end(const struct hunt *hunt, const char *name)
{
	const size_t *n = hunt->counts;
	char listed[48] = "";
	if (n[MUTANT_LISTED] > 0)
		(void)snprintf(listed, sizeof listed, ", %zu survive for a reason", n[MUTANT_LISTED]);
	char *text =
		formatted("%s: %zu changes: %zu killed, %zu without effect, %zu refused%s, %zu survived", name, hunt->n,
			  n[MUTANT_KILLED], n[MUTANT_IDLE], n[MUTANT_REFUSED], listed, n[MUTANT_SURVIVED]);
	if (text)
		print_broken(stdout, 0, 2, text);
	free(text);
	if (n[MUTANT_SURVIVED] == 0)
		return;
	text = formatted("next: add an expectation about the first difference that is listed, or list the change with "
			 "its reason in %s",
			 hunt->survivors.file);
	if (text)
		print_broken(stdout, 0, 6, text);
	free(text);
}

/* A line that lists what does not survive would hide what survives later. */
static bool any_is_stale(const struct survivors *survivors)
{
	bool stale = false;
	for (size_t i = 0; i < survivors->n; i++) {
		if (survivors->items[i].used)
			continue;
		fprintf(stderr, "pktpath: %s:%u: no surviving change has the name `%s`\nhint: remove the line\n",
			survivors->file, survivors->items[i].line, survivors->items[i].pattern);
		stale = true;
	}
	return stale;
}

/* ---- the hunt ---- */

static char *try_one(void *context, size_t i)
{
	struct hunt *hunt = context;
	pp_mutant mutant;
	pp_mutants_get(hunt->mutants, i, &mutant);
	struct trial trial = mutant_try(hunt->settings->path, &hunt->settings->overrides, &mutant, &hunt->reference);
	const struct survivor *listed =
		trial.fate == MUTANT_SURVIVED ? survivors_find(&hunt->survivors, &mutant) : NULL;
	if (listed)
		trial.fate = MUTANT_LISTED;
	char *record = signals_caught() ? NULL : mutant_record(trial.fate, listed ? listed->reason : trial.why);
	free(trial.why);
	return record;
}

static void finish_one(void *context, size_t i, const char *record)
{
	struct hunt *hunt = context;
	const struct settings *settings = hunt->settings;
	struct trial *trial = &hunt->trials[i];
	pp_mutant mutant;
	pp_mutants_get(hunt->mutants, i, &mutant);
	*trial = mutant_read_record(record);
	hunt->done[i] = true;
	struct survivor *listed = trial->fate == MUTANT_LISTED ? survivors_find(&hunt->survivors, &mutant) : NULL;
	if (listed)
		listed->used = true;
	hunt->counts[trial->fate]++;
	if (!settings->json && (settings->all || trial->fate == MUTANT_SURVIVED || trial->fate == MUTANT_UNKNOWN))
		print_mutant(hunt, i);
	(void)fflush(stdout);
}

static char *name_one(void *context, size_t i)
{
	const struct hunt *hunt = context;
	pp_mutant mutant;
	pp_mutants_get(hunt->mutants, i, &mutant);
	return mutant_case_name(&mutant);
}

static int try_all(struct hunt *hunt, const char *name)
{
	const struct settings *settings = hunt->settings;
	char *plan = mutants_print_plan(hunt->mutants, name, &settings->overrides, hunt->scenario);
	struct records records = {0};
	struct work work = {.kind = "mutate",
			    .directory = settings->output,
			    .plan = plan,
			    .options = settings->work,
			    .n = hunt->n,
			    .name = name_one,
			    .run = try_one,
			    .finished = finish_one,
			    .context = hunt};
	int status = plan ? work_do(&work, &records) : STATUS_SYSTEM;
	if (status == STATUS_OK && work.directory)
		status = mutate_kind.write(&work, &records);
	work_records_free(&records);
	free(plan);
	return status;
}

static int hunt_all(struct hunt *hunt, const char *name)
{
	const struct settings *settings = hunt->settings;
	hunt->n = pp_mutants_n(hunt->mutants);
	hunt->trials = calloc(hunt->n ? hunt->n : 1, sizeof *hunt->trials);
	hunt->done = calloc(hunt->n ? hunt->n : 1, sizeof *hunt->done);
	if (!hunt->trials || !hunt->done)
		return STATUS_SYSTEM;
	int status = try_all(hunt, name);
	if (status != STATUS_OK)
		return status;
	if (settings->json)
		print_json(hunt, name);
	else if (!settings->quiet || hunt->counts[MUTANT_SURVIVED] > 0)
		print_end(hunt, name);
	if (hunt->counts[MUTANT_UNKNOWN] > 0)
		return STATUS_SYSTEM;
	/* A part does not see all that survives. */
	bool stale = settings->work.shard.count == 1 && any_is_stale(&hunt->survivors);
	return stale || hunt->counts[MUTANT_SURVIVED] > 0 ? STATUS_FAILED : STATUS_OK;
}

static int mutate_loaded(const struct settings *settings, pp_scenario *scenario)
{
	struct hunt hunt = {.settings = settings, .scenario = scenario};
	pp_mutants *mutants = NULL;
	pp_scenario_info info;
	pp_scenario_info_get(scenario, &info);
	int status = survivors_read(settings->survivors, settings->path, &hunt.survivors);
	if (status == STATUS_OK && info.n_expectations == 0) {
		fprintf(stderr, "pktpath: %s has no expectations: every change would survive\n", settings->path);
		status = STATUS_FAILED;
	}
	if (status == STATUS_OK) {
		status = reference_take(scenario, info.name, &hunt.reference);
		if (status == STATUS_FAILED) {
			fprintf(stderr, "pktpath: %s: an expectation fails before any change\n", info.name);
			print_hint("pktpath run %s shows it; fix that first", settings->path);
		}
	}
	if (status == STATUS_OK && pp_mutants_new(scenario, &mutants) < 0)
		status = STATUS_SYSTEM;
	hunt.mutants = mutants;
	if (status == STATUS_OK)
		status = hunt_all(&hunt, info.name);
	for (size_t i = 0; hunt.trials && i < hunt.n; i++)
		free(hunt.trials[i].why);
	free(hunt.trials);
	free(hunt.done);
	pp_mutants_free(mutants);
	reference_free(&hunt.reference);
	survivors_free(&hunt.survivors);
	return status;
}

static int mutate(const struct settings *settings)
{
	pp_scenario *scenario = NULL;
	int status = load_scenario(settings->path, &settings->overrides, &scenario);
	if (status == STATUS_OK)
		status = mutate_loaded(settings, scenario);
	pp_scenario_free(scenario);
	return status;
}

/* ---- the command line ---- */

enum { OPTION_SURVIVORS = 256, OPTION_JSON, OPTION_HELP };

static const struct option long_options[] = {{"survivors", required_argument, NULL, OPTION_SURVIVORS},
					     {"output", required_argument, NULL, 'o'},
					     WORK_OPTIONS,
					     {"all", no_argument, NULL, 'a'},
					     OVERRIDE_OPTIONS,
					     {"json", no_argument, NULL, OPTION_JSON},
					     {"quiet", no_argument, NULL, 'q'},
					     {"help", no_argument, NULL, OPTION_HELP},
					     {NULL, 0, NULL, 0}};

static int take(const struct command *command, struct settings *settings, int c)
{
	int status;
	if (overrides_take(command, &settings->overrides, c, &status) ||
	    work_options_take(command, &settings->work, c, &status))
		return status;
	switch (c) {
	case 'o':
		settings->output = optarg;
		return STATUS_OK;
	case OPTION_SURVIVORS:
		settings->survivors = optarg;
		return STATUS_OK;
	case 'a':
		settings->all = true;
		return STATUS_OK;
	case OPTION_JSON:
		settings->json = true;
		return STATUS_OK;
	default:
		settings->quiet = settings->overrides.quiet = true;
		return STATUS_OK;
	}
}

int command_mutate(const struct command *command, int argc, char **argv)
{
	struct settings settings = {.work = WORK_OPTIONS_DEFAULT};
	int c, status = STATUS_OK;
	while (status == STATUS_OK && (c = getopt_long(argc, argv, ":ao:j:qh", long_options, NULL)) != -1) {
		if (c == 'h' || c == OPTION_HELP) {
			print_command_help(command);
			overrides_free(&settings.overrides);
			return STATUS_OK;
		}
		status = c == ':' || c == '?' ? option_error(command, c, argv, long_options)
					      : take(command, &settings, c);
	}
	if (status == STATUS_OK && argc - optind != 1)
		status = usage_error(command, argc == optind ? "which scenario?" : "it takes one scenario");
	settings.path = argv[optind];
	if (status == STATUS_OK && settings.work.resume && !settings.output)
		status = usage_error(command, "--resume needs -o DIR: that directory has what was done");
	if (status == STATUS_OK)
		status = mutate(&settings);
	overrides_free(&settings.overrides);
	return status;
}
