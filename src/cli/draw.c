/* pktpath draw: the network as a picture, the way of a flow through it, or the flow's packets place by place. */
#include "cli/cli.h"
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

struct draw_options {
	struct overrides overrides;
	const char *output; /* NULL: standard output */
	bool dot;           /* lays it out */
	bool has_depth;
	bool has_by;
	pp_draw_options what;
};

static int complain(const pp_drawing *drawing)
{
	fprintf(stderr, "pktpath: %s\n", pp_drawing_problem(drawing));
	if (pp_drawing_hint(drawing))
		print_hint("%s", pp_drawing_hint(drawing));
	return STATUS_USAGE;
}

static int put(const struct draw_options *options, const char *text, size_t bytes)
{
	if (options->output)
		return save_file(options->output, text, bytes);
	(void)fwrite(text, 1, bytes, stdout);
	return STATUS_OK;
}

/* A picture without dot's help is a picture all the same. */
static int lay_out(pp_drawing *drawing)
{
	const char *graph;
	char *layout = NULL;
	size_t bytes, layout_bytes;
	int r = pp_drawing_graph(drawing, &graph, &bytes);
	if (r < 0)
		return r;
	r = layout_by_dot(graph, bytes, &layout, &layout_bytes);
	if (r == 0)
		r = pp_drawing_place(drawing, layout, layout_bytes);
	free(layout);
	if (r == -ENOENT)
		fprintf(stderr,
			"pktpath: draw: there is no `dot` here (Debian package graphviz): drawn in the plain layout\n");
	else if (r == -EPROTO || r > 0)
		fprintf(stderr, "pktpath: draw: `dot` did not lay out the network: drawn in the plain layout\n");
	return r == -ENOENT || r == -EPROTO || r > 0 ? 0 : r;
}

static int draw(const pp_scenario *scenario, const struct draw_options *options)
{
	pp_scenario_info info;
	pp_run *run = NULL;
	pp_drawing *drawing = NULL;
	struct progress progress;
	const char *text;
	size_t bytes;
	pp_scenario_info_get(scenario, &info);
	int status = STATUS_OK, r = pp_run_new(scenario, NULL, &run);
	if (r == 0)
		r = pp_drawing_new(run, &options->what, &drawing);
	if (r > 0)
		status = complain(drawing);
	progress_begin(&progress);
	if (r == 0 && (options->what.flow || options->what.ports))
		status = simulate(run, info.name, &progress);
	if (r == 0 && status == STATUS_OK && options->dot)
		r = lay_out(drawing);
	if (r == 0 && status == STATUS_OK) {
		r = pp_drawing_finish(drawing, &text, &bytes);
		if (r == 0)
			status = put(options, text, bytes);
	}
	if (r < 0) {
		fprintf(stderr, "pktpath: %s: %s\n", info.name, error_text(-r));
		status = STATUS_SYSTEM;
	}
	pp_drawing_free(drawing);
	pp_run_free(run);
	return status;
}

/* ---- options ---- */

enum {
	OPTION_LADDER = 256,
	OPTION_MERMAID,
	OPTION_LAYOUT,
	OPTION_FOCUS,
	OPTION_DEPTH,
	OPTION_PORTS,
	OPTION_BY,
	OPTION_HELP
};

static int take_by(const struct command *command, struct draw_options *options)
{
	static const char *const words[] = {"worker", "app", "destination"};
	options->has_by = true;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(optarg, words[i]) == 0) {
			options->what.by = (pp_ports_by)i;
			return STATUS_OK;
		}
	return usage_error(command, "--by takes worker, app or destination, not `%s`", optarg);
}

static int take(const struct command *command, struct draw_options *options, int c)
{
	int status;
	if (overrides_take(command, &options->overrides, c, &status))
		return status;
	switch (c) {
	case OPTION_LADDER:
		options->what.ladder = true;
		return STATUS_OK;
	case OPTION_MERMAID:
		options->what.mermaid = true;
		return STATUS_OK;
	case OPTION_FOCUS:
		options->what.focus = optarg;
		return STATUS_OK;
	case OPTION_DEPTH: {
		uint64_t depth;
		if (!parse_number(optarg, UINT32_MAX, &depth))
			return usage_error(command, "--depth takes a whole number, not `%s`", optarg);
		options->what.depth = (uint32_t)depth;
		options->has_depth = true;
		return STATUS_OK;
	}
	case OPTION_PORTS:
		options->what.ports = true;
		return STATUS_OK;
	case 'q':
		options->overrides.quiet = true;
		return STATUS_OK;
	case OPTION_BY:
		return take_by(command, options);
	case OPTION_LAYOUT:
		options->dot = strcmp(optarg, "dot") == 0;
		return options->dot || strcmp(optarg, "plain") == 0
			       ? STATUS_OK
			       : usage_error(command, "--layout takes plain or dot, not `%s`", optarg);
	}
	options->output = optarg;
	return STATUS_OK;
}

/* What programs for pictures would make of a name; NULL where it is one for text. */
static const char *picture_format(const char *path)
{
	static const char *const endings[] = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf", ".bmp", ".tiff"};
	const char *dot = path ? strrchr(path, '.') : NULL;
	for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++)
		if (strcasecmp(dot, endings[i]) == 0)
			return endings[i] + 1;
	return NULL;
}

static int refuse_output(const struct command *command, const struct draw_options *options, const char *scenario)
{
	const char *format = picture_format(options->output);
	if (format) {
		print_error("pktpath draw", "%s names a %s: pictures are SVG", options->output, format);
		print_hint("-o %.*ssvg; browsers and rsvg-convert make a %s of it",
			   (int)(strrchr(options->output, '.') + 1 - options->output), options->output, format);
		return STATUS_USAGE;
	}
	if (!options->output && !options->what.mermaid && isatty(STDOUT_FILENO)) {
		print_error("pktpath draw", "a picture is not printed on a terminal");
		print_hint("pktpath draw %s -o picture.svg", scenario);
		return STATUS_USAGE;
	}
	if (options->has_depth && !options->what.focus)
		return usage_error(command, "--depth goes with --focus NAME");
	return STATUS_OK;
}

static int load_and_draw(const struct command *command, int n_words, char **words, struct draw_options *options)
{
	pp_scenario *scenario = NULL;
	if (n_words == 0)
		return usage_error(command, "which scenario?");
	if (n_words > 2)
		return usage_error(command, "it takes a scenario and at most one flow");
	if (options->dot && (options->what.ladder || options->what.mermaid))
		return usage_error(command, "--layout=dot is for the network: not with --ladder, not with --mermaid");
	if (options->has_by && !options->what.ports)
		return usage_error(command, "--by goes with --ports");
	if (options->what.ports && (n_words == 2 || options->what.ladder || options->what.mermaid || options->dot))
		return usage_error(command,
				   "--ports draws all NATs as SVG: no flow, no --ladder, no --mermaid, no --layout");
	options->what.flow = n_words == 2 ? words[1] : NULL;
	if (!options->has_depth)
		options->what.depth = 1;
	int status = refuse_output(command, options, words[0]);
	if (status == STATUS_OK)
		status = load_scenario(words[0], &options->overrides, &scenario);
	if (status == STATUS_OK)
		status = draw(scenario, options);
	pp_scenario_free(scenario);
	return status;
}

int command_draw(const struct command *command, int argc, char **argv)
{
	static const struct option long_options[] = {OVERRIDE_OPTIONS,
						     {"ladder", no_argument, NULL, OPTION_LADDER},
						     {"mermaid", no_argument, NULL, OPTION_MERMAID},
						     {"ports", no_argument, NULL, OPTION_PORTS},
						     {"by", required_argument, NULL, OPTION_BY},
						     {"layout", required_argument, NULL, OPTION_LAYOUT},
						     {"focus", required_argument, NULL, OPTION_FOCUS},
						     {"depth", required_argument, NULL, OPTION_DEPTH},
						     {"output", required_argument, NULL, 'o'},
						     {"quiet", no_argument, NULL, 'q'},
						     {"help", no_argument, NULL, OPTION_HELP},
						     {NULL, 0, NULL, 0}};
	struct draw_options options = {.what = {.by = PP_PORTS_BY_APP}};
	int c, status = STATUS_OK;
	while (status == STATUS_OK && (c = getopt_long(argc, argv, ":o:qh", long_options, NULL)) != -1) {
		if (c == 'h' || c == OPTION_HELP) {
			print_command_help(command);
			overrides_free(&options.overrides);
			return STATUS_OK;
		}
		status = c == ':' || c == '?' ? option_error(command, c, argv, long_options)
					      : take(command, &options, c);
	}
	if (status == STATUS_OK)
		status = load_and_draw(command, argc - optind, argv + optind, &options);
	overrides_free(&options.overrides);
	return status;
}
