/* The plan of long work as text: numbers that change with whatever its records depend on, and its lines read back. */
#include "cli/work.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- digests: FNV-1a ---- */

uint64_t digest_bytes(uint64_t digest, const void *bytes, size_t n)
{
	for (const unsigned char *at = bytes; n > 0; n--, at++)
		digest = (digest ^ *at) * UINT64_C(0x100000001b3);
	return digest;
}

uint64_t digest_text(uint64_t digest, const char *text)
{
	static const unsigned char end = 0xff;
	return digest_bytes(text ? digest_bytes(digest, text, strlen(text)) : digest, &end, 1);
}

uint64_t digest_overrides(uint64_t digest, const struct overrides *overrides)
{
	for (size_t i = 0; i < overrides->n; i++)
		digest = digest_text(digest_text(digest, overrides->items[i].path), overrides->items[i].value);
	return digest;
}

int digest_file(uint64_t *digest, const char *path)
{
	unsigned char bytes[4096];
	FILE *in = input_file(path);
	if (!in)
		return -errno;
	for (size_t n; (n = fread(bytes, 1, sizeof bytes, in)) > 0;)
		*digest = digest_bytes(*digest, bytes, n);
	int r = ferror(in) ? errno ? -errno : -EIO : 0;
	(void)fclose(in);
	return r;
}

bool digest_scenario(uint64_t *digest, const pp_scenario *scenario, size_t first)
{
	for (size_t i = first; i < pp_scenario_n_files(scenario); i++) {
		const char *file = pp_scenario_file(scenario, i);
		int r = digest_file(digest, file);
		if (r == 0 || (r == -ENOENT && strcmp(file, STANDARD_INPUT_NAME) == 0))
			continue;
		fprintf(stderr, "pktpath: %s: %s\n", file, error_text(-r));
		return false;
	}
	return true;
}

/* ---- lines ---- */

void plan_lines_free(struct plan_lines *lines)
{
	free(lines->items);
	free(lines->text);
	*lines = (struct plan_lines){0};
}

int plan_lines_read(const char *plan, const char *word, struct plan_lines *ret)
{
	size_t n = 0, n_word = strlen(word);
	for (const char *at = plan; *at; at++)
		n += *at == '\n';
	*ret = (struct plan_lines){.text = strdup(plan), .items = calloc(n + 1, sizeof *ret->items)};
	if (!ret->text || !ret->items) {
		plan_lines_free(ret);
		return STATUS_SYSTEM;
	}
	char *next = ret->text;
	for (char *line; (line = strsep(&next, "\n"));)
		if (strncmp(line, word, n_word) == 0 && line[n_word] == '\t')
			ret->items[ret->n++] = line + n_word + 1;
	return STATUS_OK;
}
