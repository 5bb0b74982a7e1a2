/* DOC: what libfyaml 0.7.12 lets pass is refused here: what is too large, no UTF-8, or has a NUL. Its own complaints are
 * collected and become diagnostics like all others; it prints nothing. */
#include "scenario/yaml.h"
#include "base/utf8.h"
#include "scenario/indentation.h"
#include "scenario/load.h"
#include <errno.h>
#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

#define RESERVE_BYTES 65536u

static struct place place_at(const char *file, const char *text, size_t offset)
{
	struct place place = {file, 1, 1};
	for (size_t i = 0; i < offset; i++) {
		if (text[i] == '\n') {
			place.line++;
			place.column = 1;
		} else if (((unsigned char)text[i] & 0xc0) != 0x80) {
			place.column++;
		}
	}
	return place;
}

/* Line breaks of YAML 1.1 that are none in 1.2: libfyaml is not of one mind about them, and editors count lines without
 * them. */
static bool is_separator(const char *p, size_t n)
{
	return (n == 2 && memcmp(p, "\xc2\x85", 2) == 0) ||
	       (n == 3 && (memcmp(p, "\xe2\x80\xa8", 3) == 0 || memcmp(p, "\xe2\x80\xa9", 3) == 0));
}

static bool text_is_sound(const char *file, const char *text, size_t text_bytes, struct diag_list *diags)
{
	for (size_t i = 0; i < text_bytes;) {
		size_t n = utf8_length((const unsigned char *)text + i, text_bytes - i);
		if (n == 0) {
			diag_error(diags, place_at(file, text, i), "save the file as UTF-8",
				   "the file is not valid UTF-8");
			return false;
		}
		if (text[i] == '\0' || is_separator(text + i, n)) {
			diag_error(diags, place_at(file, text, i), "remove it",
				   text[i] == '\0' ? "a NUL byte in the file"
						   : "a line separator (U+0085, U+2028 or U+2029) in the file");
			return false;
		}
		i += n;
	}
	return true;
}

int yaml_begin(struct yaml *yaml, const struct source *source, struct diag_list *diags)
{
	*yaml = (struct yaml){.source = source};
	if (source->text_bytes > SCENARIO_MAX_BYTES) {
		diag_error(diags, (struct place){source->file, 1, 1}, "split it, or use `repeat`",
			   "the file is larger than 16 MiB");
		return 1;
	}
	if (!text_is_sound(source->file, source->text, source->text_bytes, diags))
		return 1;
	struct fy_diag_cfg diag_config;
	fy_diag_cfg_default(&diag_config);
	diag_config.fp = NULL;
	diag_config.level = FYET_ERROR;
	yaml->fy = fy_diag_create(&diag_config);
	if (!yaml->fy)
		return -ENOMEM;
	fy_diag_set_collect_errors(yaml->fy, true);
	struct fy_parse_cfg config = {.flags = FYPCF_QUIET | FYPCF_DISABLE_RECYCLING, .diag = yaml->fy};
	yaml->parser = fy_parser_create(&config);
	/* libfyaml 0.7.12 does not look whether it got memory for the input. A block that was just given back is there. */
	void *reserve = malloc(RESERVE_BYTES);
	free(reserve);
	if (reserve && yaml->parser && fy_parser_set_string(yaml->parser, source->text, source->text_bytes) == 0)
		return 0;
	yaml_end(yaml);
	return -ENOMEM;
}

/* Where memory was short libfyaml complains of its own functions, or of nothing at all. */
static bool is_own_trouble(const struct fy_diag_error *error)
{
	return !error->msg || strstr(error->msg, "() failed");
}

/* In {} and [] the braces of `${NAME}` are YAML's. */
static bool has_bare_variable(const struct source *source, uint32_t line)
{
	const char *at = source->text;
	while (line > 1 && (at = memchr(at, '\n', source->text_bytes - (size_t)(at - source->text)))) {
		at++;
		line--;
	}
	size_t n = at ? source->text_bytes - (size_t)(at - source->text) : 0;
	const char *end = at ? memchr(at, '\n', n) : NULL;
	const char *variable = at ? memmem(at, end ? (size_t)(end - at) : n, "${", 2) : NULL;
	return variable && (variable == source->text || (variable[-1] != '"' && variable[-1] != '\''));
}

static const char *hint_for(const struct source *source, uint32_t line, const char *message)
{
	if (strstr(message, "tab character"))
		return "indent with blanks, not with tabs";
	if (has_bare_variable(source, line))
		return "in {} and [] a variable needs quotes: \"${NAME}\"";
	if (strstr(message, "nested block mapping"))
		return "a text with a colon and a blank needs quotes";
	return strstr(message, "ind") && strstr(message, "ation") ? "check the indentation near here"
								  : "check brackets and quotes near here";
}

/* libfyaml names the place where it gave up; the line that is wrong may stand before it. */
static void complain_of(const struct source *source, struct place place, const char *message, struct diag_list *diags)
{
	char hint[128];
	struct indentation found = indentation_find(source->text, source->text_bytes, place.line);
	bool of_indentation = strstr(message, "indentation") || strstr(message, "indendation") ||
			      strstr(message, "multiline plain key");
	if (found.line > 0 && of_indentation) {
		(void)snprintf(hint, sizeof hint, "indent it by %u, like line %u", found.expected, found.like_line);
		diag_error(diags, (struct place){place.file, found.line, found.columns + 1}, hint,
			   "this line is indented by %u column%s", found.columns, found.columns == 1 ? "" : "s");
		return;
	}
	if (found.open_line > 0) {
		(void)snprintf(hint, sizeof hint, "a bracket that opens in line %u is not closed", found.open_line);
		diag_error(diags, place, hint, "YAML: %s", message);
		return;
	}
	diag_error(diags, place, hint_for(source, place.line, message), "YAML: %s", message);
}

int yaml_complain(struct yaml *yaml, struct place last, struct diag_list *diags)
{
	void *previous = NULL;
	const struct fy_diag_error *error;
	bool any = false;
	if (!fy_parser_get_stream_error(yaml->parser))
		return 0;
	while ((error = fy_diag_errors_iterate(yaml->fy, &previous))) {
		if (is_own_trouble(error))
			continue;
		struct place place = {last.file, (uint32_t)(error->line > 0 ? error->line : 1),
				      (uint32_t)(error->column > 0 ? error->column : 1)};
		complain_of(yaml->source, place, error->msg, diags);
		any = true;
	}
	return any ? 1 : -EBADMSG;
}

void yaml_end(struct yaml *yaml)
{
	fy_parser_destroy(yaml->parser);
	fy_diag_destroy(yaml->fy);
	*yaml = (struct yaml){0};
}
