/* Changes that may go unnoticed: a file beside the scenario, a line each, "PATTERN REASON". A pattern is a setting as
 * --set takes it, with the value behind the sign or without, and may have * in it. */
#include "cli/mutate.h"
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ENDING ".survivors"

char *mutant_text(const pp_mutant *mutant)
{
	char *text = NULL;
	return asprintf(&text, "%s=%s", mutant->path, mutant->to ? mutant->to : "") < 0 ? NULL : text;
}

static char *beside(const char *scenario)
{
	const char *slash = strrchr(scenario, '/'), *dot = strrchr(slash ? slash : scenario, '.');
	size_t n = dot ? (size_t)(dot - scenario) : strlen(scenario);
	char *file = NULL;
	return asprintf(&file, "%.*s%s", (int)n, scenario, ENDING) < 0 ? NULL : file;
}

static int add(struct survivors *survivors, const char *text, unsigned line)
{
	size_t n = strcspn(text, " \t");
	const char *reason = text + n + strspn(text + n, " \t");
	struct survivor *grown = realloc(survivors->items, (survivors->n + 1) * sizeof *grown);
	if (!grown)
		return STATUS_SYSTEM;
	survivors->items = grown;
	grown[survivors->n++] = (struct survivor){strndup(text, n), strdup(reason), line, false};
	if (*reason == '\0') {
		fprintf(stderr, "pktpath: %s:%u: say why: PATTERN REASON\n", survivors->file, line);
		return STATUS_USAGE;
	}
	return grown[survivors->n - 1].pattern && grown[survivors->n - 1].reason ? STATUS_OK : STATUS_SYSTEM;
}

int survivors_read(const char *file, const char *scenario, struct survivors *ret)
{
	*ret = (struct survivors){.file = file ? strdup(file) : beside(scenario)};
	struct stat st;
	bool endless = ret->file && stat(ret->file, &st) == 0 && !S_ISREG(st.st_mode);
	FILE *in = ret->file && !endless ? input_file(ret->file) : NULL;
	errno = endless ? ESPIPE : errno;
	if (!in && ret->file && errno == ENOENT && !file)
		return STATUS_OK;
	if (!in) {
		fprintf(stderr, "pktpath: %s: %s\n", ret->file ? ret->file : scenario, error_text(errno));
		return errno == ENOENT ? STATUS_USAGE : STATUS_SYSTEM;
	}
	char *text = NULL;
	size_t size = 0;
	unsigned line = 0;
	int status = STATUS_OK;
	for (ssize_t n; status == STATUS_OK && (n = getline(&text, &size, in)) >= 0;) {
		line++;
		while (n > 0 && strchr(" \t\r\n", text[n - 1]))
			text[--n] = '\0';
		const char *begin = text + strspn(text, " \t");
		if (*begin && *begin != '#')
			status = add(ret, begin, line);
	}
	if (ferror(in)) {
		fprintf(stderr, "pktpath: %s: %s\n", ret->file, strerror(errno));
		status = STATUS_SYSTEM;
	}
	free(text);
	(void)fclose(in);
	return status;
}

struct survivor *survivors_find(struct survivors *survivors, const pp_mutant *mutant)
{
	char *text = mutant_text(mutant);
	struct survivor *found = NULL;
	for (size_t i = 0; text && !found && i < survivors->n; i++) {
		struct survivor *survivor = &survivors->items[i];
		if (fnmatch(survivor->pattern, text, 0) == 0 || fnmatch(survivor->pattern, mutant->path, 0) == 0)
			found = survivor;
	}
	free(text);
	return found;
}

void survivors_free(struct survivors *survivors)
{
	for (size_t i = 0; i < survivors->n; i++) {
		free(survivors->items[i].pattern);
		free(survivors->items[i].reason);
	}
	free(survivors->items);
	free(survivors->file);
}
