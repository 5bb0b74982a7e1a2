/* pktpath complete: what may stand in place of the last word of a command line. Shells ask, see share/completion.
 *
 * DOC: a line is a candidate, with a tab and what it means behind it where that is known; or, with a colon in front,
 * what the shell is to complete by itself or to bear in mind (`:files`, `:directories`, `:scenarios`, `:nospace`).
 * Which options a command has, and what the value of each is, is read from its help: what stands there is completed,
 * and nothing else can be. Flows, NATs and settings are those of the scenario that the line names. Nothing is ever said
 * of what is wrong. */
#include "cli/cli.h"
#include <stdlib.h>
#include <string.h>

#define WORD_BYTES 64
#define OPTIONS_MAX 32

struct known_option {
	char name[WORD_BYTES];  /* "--output" */
	char letter;            /* 'o'; 0 */
	char value[WORD_BYTES]; /* "DIR"; "" where it takes none */
	const char *what;       /* what it does, up to the end of the line; "" */
};

struct line {
	const struct command *command;
	struct known_option options[OPTIONS_MAX];
	size_t n_options;
	const char *scenario;            /* the first word that is no option; NULL */
	size_t n_arguments;              /* such words before the last */
	const struct known_option *open; /* the word before the last is this option, whose value is due; NULL */
	bool no_more_options;            /* behind "--" */
};

/* ---- options, from the help ---- */

static struct known_option *take_option(struct line *line, const char *word, size_t n, char *letter)
{
	if (n == 2 && word[1] != '-') {
		*letter = word[1];
		return NULL;
	}
	if (line->n_options == OPTIONS_MAX || n >= WORD_BYTES)
		return NULL;
	struct known_option *option = &line->options[line->n_options++];
	*option = (struct known_option){.letter = *letter, .what = ""};
	memcpy(option->name, word, n);
	*letter = '\0';
	return option;
}

/* "  -o, --output DIR      where files go": words up to two spaces are options and their values. */
static void read_help_line(struct line *line, const char *text)
{
	struct known_option *option = NULL;
	char letter = '\0';
	size_t first = line->n_options;
	for (text += strspn(text, " "); *text && *text != '\n' && *text != ' ';) {
		size_t n = strcspn(text, " ,\n");
		if (*text == '-')
			option = take_option(line, text, n, &letter);
		else if (option && n < WORD_BYTES)
			memcpy(option->value, text, n);
		text += n + (text[n] == ',');
		text += *text == ' ';
	}
	for (size_t i = first; i < line->n_options; i++)
		line->options[i].what = text + strspn(text, " ");
}

static void read_help(struct line *line)
{
	static const char help[] = "      --help            this text\n";
	for (const char *text = line->command->help; *text; text += strcspn(text, "\n") + 1)
		if (text[strspn(text, " ")] == '-')
			read_help_line(line, text);
	read_help_line(line, help);
}

static const struct known_option *option_named(const struct line *line, const char *word, size_t n)
{
	for (size_t i = 0; i < line->n_options; i++) {
		const struct known_option *option = &line->options[i];
		if ((strlen(option->name) == n && strncmp(option->name, word, n) == 0) ||
		    (n == 2 && word[0] == '-' && option->letter == word[1] && option->letter))
			return option;
	}
	return NULL;
}

/* ---- the words before the last ---- */

static void read_word(struct line *line, const char *word)
{
	if (line->open) {
		line->open = NULL;
		return;
	}
	if (line->no_more_options || word[0] != '-' || word[1] == '\0') {
		line->scenario = line->n_arguments == 0 ? word : line->scenario;
		line->n_arguments++;
		return;
	}
	line->no_more_options = strcmp(word, "--") == 0;
	const struct known_option *option = option_named(line, word, strlen(word));
	line->open = option && *option->value ? option : NULL;
}

/* ---- candidates ---- */

static void offer(const char *before, const char *candidate, const char *what)
{
	printf("%s%s", before, candidate);
	if (*what && *what != '\n')
		printf("\t%.*s", (int)strcspn(what, "\n"), what);
	putchar('\n');
}

static bool begins(const char *text, const char *beginning)
{
	return strncmp(text, beginning, strlen(beginning)) == 0;
}

static void offer_names(const struct line *line, pp_name_kind kind, const char *before, const char *word)
{
	pp_scenario *scenario = NULL;
	const char *const *names;
	size_t n;
	if (line->scenario && pp_scenario_load(line->scenario, NULL, 0, &scenario) == 0 &&
	    pp_scenario_names(scenario, kind, &names, &n) == 0)
		for (size_t i = 0; i < n; i++)
			if (begins(names[i], word))
				offer(before, names[i], "");
	pp_scenario_free(scenario);
}

/* "network.ases.", then "network.ases.one.": paths grow a part at a time, like those of files. Settings with one
 * beginning stand together. */
static void offer_settings(const struct line *line, const char *before, const char *word)
{
	pp_scenario *scenario = NULL;
	const char *const *names, *last = "";
	size_t n, n_last = 0, n_word = strlen(word);
	puts(":nospace");
	if (!strchr(word, '=') && line->scenario && pp_scenario_load(line->scenario, NULL, 0, &scenario) == 0 &&
	    pp_scenario_names(scenario, PP_NAME_SETTING, &names, &n) == 0)
		for (size_t i = 0; i < n; i++) {
			if (!begins(names[i], word))
				continue;
			size_t end = n_word + strcspn(names[i] + n_word, ".");
			if (end == n_last && strncmp(names[i], last, end) == 0 && names[i][end] == last[end])
				continue;
			last = names[i];
			n_last = end;
			printf("%s%.*s%c\n", before, (int)end, names[i], names[i][end] ? '.' : '=');
		}
	pp_scenario_free(scenario);
}

static void offer_variables(const struct line *line, const char *before, const char *word)
{
	pp_scenario *scenario = NULL;
	const char *const *names;
	size_t n;
	puts(":nospace");
	if (!strchr(word, '=') && line->scenario && pp_scenario_load(line->scenario, NULL, 0, &scenario) >= 0 &&
	    pp_scenario_names(scenario, PP_NAME_VARIABLE, &names, &n) == 0)
		for (size_t i = 0; i < n; i++)
			if (begins(names[i], word))
				printf("%s%s=\n", before, names[i]);
	pp_scenario_free(scenario);
}

/* "calls,ports.p": the last of a list. */
static void offer_measures(const struct line *line, const char *before, const char *word)
{
	pp_scenario *scenario = NULL;
	pp_run *run = NULL;
	pp_meter *meter = NULL;
	const pp_measure *measures;
	size_t n;
	const char *comma = strrchr(word, ',');
	int n_list = comma ? (int)(comma + 1 - word) : 0;
	if (line->scenario && pp_scenario_load(line->scenario, NULL, 0, &scenario) == 0 &&
	    pp_run_new(scenario, NULL, &run) == 0 && pp_meter_new(run, &meter) == 0 &&
	    pp_meter_names(meter, &measures, &n) == 0)
		for (size_t i = 0; i < n; i++)
			if (begins(measures[i].name, word + n_list))
				printf("%s%.*s%s\n", before, n_list, word, measures[i].name);
	pp_meter_free(meter);
	pp_run_free(run);
	pp_scenario_free(scenario);
}

/* "ports,id": the last of a list. */
static void offer_ignored(const char *before, const char *word)
{
	static const char *const names[] = {"ports", "ids", "time"};
	const char *comma = strrchr(word, ',');
	int n = comma ? (int)(comma + 1 - word) : 0;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (begins(names[i], word + n))
			printf("%s%.*s%s\n", before, n, word, names[i]);
}

/* `kind`: as help names it. `before`: what stands before the value in the same word, such as "--set=". */
static void offer_value(const struct line *line, const char *kind, const char *before, const char *word)
{
	static const struct {
		const char *kind;
		pp_name_kind names;
	} of_scenario[] = {{"FLOW", PP_NAME_FLOW}, {"NAT", PP_NAME_NAT},   {"NAME", PP_NAME_RESOLVABLE},
			   {"A", PP_NAME_CALLER},  {"WHO", PP_NAME_ASKER}, {"B", PP_NAME_CALLED}};
	static const struct {
		const char *kind, *directive;
	} of_shell[] = {{"SCENARIO", ":scenarios"}, {"PATH", ":scenarios"},    {"DIR", ":directories"},
			{"BEFORE", ":directories"}, {"AFTER", ":directories"}, {"FILE", ":files"}};
	for (size_t i = 0; i < sizeof of_scenario / sizeof *of_scenario; i++)
		if (strcmp(kind, of_scenario[i].kind) == 0)
			offer_names(line, of_scenario[i].names, before, word);
	for (size_t i = 0; i < sizeof of_shell / sizeof *of_shell; i++)
		if (strcmp(kind, of_shell[i].kind) == 0)
			puts(of_shell[i].directive);
	if (strcmp(kind, "PATH=VALUE") == 0 || strcmp(kind, "PATH=LIST") == 0)
		offer_settings(line, before, word);
	if (strcmp(kind, "NAME=VALUE") == 0)
		offer_variables(line, before, word);
	if (strcmp(kind, "METRIC") == 0)
		offer_measures(line, before, word);
	if (strcmp(kind, "WHAT") == 0)
		offer_ignored(before, word);
}

/* "SCENARIO [FLOW[I]]": the argument of this number; the last of them where it may be repeated. */
static void argument_kind(const char *arguments, size_t number, char ret[WORD_BYTES])
{
	ret[0] = '\0';
	for (size_t i = 0; *arguments; i++) {
		size_t n = strcspn(arguments, " "), skip = *arguments == '[',
		       letters = strspn(arguments + skip, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
		bool repeated = n >= 3 && memmem(arguments, n, "...", 3);
		if ((i == number || (repeated && number > i)) && letters < WORD_BYTES) {
			memcpy(ret, arguments + skip, letters);
			ret[letters] = '\0';
			return;
		}
		arguments += n + (arguments[n] == ' ');
	}
}

static void offer_options(const struct line *line, const char *word)
{
	const char *equals = strchr(word, '=');
	if (equals) {
		const struct known_option *option = option_named(line, word, (size_t)(equals - word));
		char before[WORD_BYTES + 2];
		if (!option || !*option->value)
			return;
		(void)snprintf(before, sizeof before, "%s=", option->name);
		offer_value(line, option->value, before, equals + 1);
		return;
	}
	for (size_t i = 0; i < line->n_options; i++)
		if (begins(line->options[i].name, word))
			offer("", line->options[i].name, line->options[i].what);
}

static void offer_commands(const char *word)
{
	static const char *const others[] = {"--help", "--version"};
	size_t n;
	const struct command *commands = command_table(&n);
	for (size_t i = 0; i < n; i++)
		if (begins(commands[i].name, word))
			offer("", commands[i].name, commands[i].summary);
	for (size_t i = 0; *word == '-' && i < sizeof others / sizeof *others; i++)
		if (begins(others[i], word))
			offer("", others[i], "");
}

int complete(int n_words, char **words)
{
	struct line line = {0};
	char kind[WORD_BYTES];
	const char *word = n_words > 0 ? words[n_words - 1] : "";
	if (n_words < 2) {
		offer_commands(word);
		return STATUS_OK;
	}
	line.command = command_named(words[0]);
	if (!line.command)
		return STATUS_OK;
	read_help(&line);
	for (int i = 1; i < n_words - 1; i++)
		read_word(&line, words[i]);
	if (line.open) {
		offer_value(&line, line.open->value, "", word);
	} else if (word[0] == '-' && !line.no_more_options) {
		offer_options(&line, word);
	} else {
		argument_kind(line.command->arguments, line.n_arguments, kind);
		offer_value(&line, kind, "", word);
	}
	return STATUS_OK;
}
