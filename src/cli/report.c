/* pktpath report: one HTML page about the output of a run. The report in the directory holds the scenario as it was; it
 * is replayed from that, so the page can be made wherever the directory was moved and whatever became of the scenario's
 * file. `run --report` has the run itself, which spares a replay. */
#include "cli/cli.h"
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define EVENTS_A_STEP 20000

static char *path_in(const char *directory, const char *name)
{
	size_t n = strlen(directory);
	char *path = malloc(n + strlen(name) + 2);
	if (path)
		(void)sprintf(path, "%s%s%s", directory, n > 0 && directory[n - 1] == '/' ? "" : "/", name);
	return path;
}

/* Prints where it is, unless it is standard output. */
static int make(pp_page *page, const char *output, bool quiet)
{
	struct progress progress;
	const char *text;
	size_t bytes;
	int r = 0;
	progress_begin(&progress);
	while (r == 0 && !signals_caught()) {
		r = pp_page_step(page, EVENTS_A_STEP);
		progress_show(&progress, pp_page_run(page));
	}
	progress_end(&progress);
	if (signals_caught()) {
		fprintf(stderr, "pktpath: report: interrupted by signal %d; no page was written\n", signals_caught());
		return STATUS_SYSTEM;
	}
	if (r < 0) {
		fprintf(stderr, "pktpath: report: %s\n",
			pp_run_error(pp_page_run(page))[0] ? pp_run_error(pp_page_run(page)) : error_text(-r));
		return STATUS_SYSTEM;
	}
	r = pp_page_finish(page, &text, &bytes);
	if (r < 0) {
		fprintf(stderr, "pktpath: report: %s\n", error_text(-r));
		return STATUS_SYSTEM;
	}
	int is_true = pp_page_is_true(page);
	if (is_true < 0)
		return say_short_memory();
	if (!is_true)
		fprintf(stderr, "pktpath: report: the replay differs from the report: another version wrote it; the "
				"page says so\n");
	if (strcmp(output, "-") == 0) {
		(void)fwrite(text, 1, bytes, stdout);
		return STATUS_OK;
	}
	int status = save_file(output, text, bytes);
	if (status == STATUS_OK && !quiet)
		printf("%s\n", output);
	return status;
}

static int report(const char *source, const char *output, bool quiet)
{
	pp_scenario *scenario = NULL;
	pp_page *page = NULL;
	int r = pp_scenario_load_report(source, &scenario), status = STATUS_OK;
	if (r == 0)
		r = pp_page_new(scenario, &page);
	if (r < 0) {
		fprintf(stderr, "pktpath: %s: %s\n", source, error_text(-r));
		if (r == -ENOENT || r == -ENOTDIR)
			print_hint("pktpath report takes the directory that pktpath run has written");
		status = r == -ENOENT || r == -ENOTDIR ? STATUS_USAGE : STATUS_SYSTEM;
	} else if (r > 0) {
		print_diagnostics(scenario, source, quiet ? WARNINGS_NONE : WARNINGS_BY_KIND);
		status = STATUS_USAGE;
	} else {
		status = make(page, output, quiet);
	}
	pp_page_free(page);
	pp_scenario_free(scenario);
	return status;
}

int make_page_of_run(pp_page *page, const char *directory, bool quiet)
{
	char *path = path_in(directory, "report.html");
	int status = path ? make(page, path, quiet) : say_short_memory();
	free(path);
	return status;
}

int make_page(const char *directory, bool quiet)
{
	char *source = path_in(directory, "report.json"), *page = path_in(directory, "report.html");
	int status = STATUS_SYSTEM;
	if (source && page)
		status = report(source, page, quiet);
	free(source);
	free(page);
	return status;
}

int command_report(const struct command *command, int argc, char **argv)
{
	static const struct option options[] = {{"output", required_argument, NULL, 'o'},
						{"quiet", no_argument, NULL, 'q'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	const char *output = NULL;
	bool quiet = false;
	int c;
	while ((c = getopt_long(argc, argv, ":o:qh", options, NULL)) != -1) {
		if (c == 'h') {
			print_command_help(command);
			return STATUS_OK;
		}
		if (c == ':' || c == '?')
			return option_error(command, c, argv, options);
		output = c == 'o' ? optarg : output;
		quiet |= c == 'q';
	}
	if (argc - optind != 1)
		return usage_error(command, argc == optind ? "which directory?" : "it takes one directory");
	if (!output)
		return make_page(argv[optind], quiet);
	char *source = path_in(argv[optind], "report.json");
	int status = source ? report(source, output, quiet) : STATUS_SYSTEM;
	free(source);
	return status;
}
