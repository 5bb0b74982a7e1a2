/* Options that replace values of a scenario: --set, --var and --seed. */
#include "cli/cli.h"
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static int add(struct overrides *overrides, char *path, const char *value)
{
	pp_override *items = realloc(overrides->items, (overrides->n + 1) * sizeof *items);
	if (!items)
		return say_short_memory();
	items[overrides->n++] = (pp_override){path, value};
	overrides->items = items;
	return STATUS_OK;
}

/* "PATH=VALUE", cut in place. */
static int add_set(struct overrides *overrides, char *text)
{
	char *equals = strchr(text, '=');
	if (!equals || equals == text)
		return STATUS_USAGE;
	*equals = '\0';
	return add(overrides, text, equals + 1);
}

static int add_variable(struct overrides *overrides, const char *text)
{
	const char *equals = strchr(text, '=');
	if (!equals || equals == text)
		return STATUS_USAGE;
	char **owned = realloc(overrides->owned, (overrides->n_owned + 1) * sizeof *owned);
	if (!owned)
		return say_short_memory();
	overrides->owned = owned;
	char *path = formatted("vars.%.*s", (int)(equals - text), text);
	if (!path)
		return STATUS_SYSTEM;
	owned[overrides->n_owned++] = path;
	return add(overrides, path, equals + 1);
}

static int add_seed(struct overrides *overrides, const char *text)
{
	static char path[] = "seed";
	uint64_t seed;
	return parse_number(text, INT64_MAX, &seed) ? add(overrides, path, text) : STATUS_USAGE;
}

const char *override_takes(int option)
{
	return option == OPTION_SET   ? "--set takes PATH=VALUE"
	       : option == OPTION_VAR ? "--var takes NAME=VALUE"
				      : "--seed takes a whole number";
}

bool overrides_take(const struct command *command, struct overrides *overrides, int option, int *ret_status)
{
	char *text = optarg;
	switch (option) {
	case OPTION_SET:
		*ret_status = add_set(overrides, text);
		break;
	case OPTION_VAR:
		*ret_status = add_variable(overrides, text);
		break;
	case OPTION_SEED:
		*ret_status = add_seed(overrides, text);
		break;
	default:
		return false;
	}
	if (*ret_status == STATUS_USAGE && command)
		(void)usage_error(command, "%s, not `%s`", override_takes(option), text);
	return true;
}

enum warnings warnings_of(const struct overrides *overrides)
{
	return overrides->quiet ? WARNINGS_NONE : overrides->all_warnings ? WARNINGS_ALL : WARNINGS_BY_KIND;
}

void print_overrides(const struct overrides *overrides)
{
	for (size_t i = 0; i < overrides->n; i++) {
		const char *path = overrides->items[i].path;
		bool is_variable = strncmp(path, "vars.", 5) == 0;
		char *text = formatted("%s=%s", path + (is_variable ? 5 : 0), overrides->items[i].value);
		if (!text)
			break;
		fputs(is_variable ? " --var " : " --set ", stdout);
		print_word(stdout, text);
		free(text);
	}
}

void overrides_free(struct overrides *overrides)
{
	for (size_t i = 0; i < overrides->n_owned; i++)
		free(overrides->owned[i]);
	free(overrides->owned);
	free(overrides->items);
	*overrides = (struct overrides){0};
}
