/* DOC: words that the sections of a page share. */
#include "view/page.h"
#include <inttypes.h>
#include <string.h>

const char *page_kept(struct pp_page *page, const char *text)
{
	if (!text)
		page->out.failed = true;
	return text ? text : "";
}

const char *page_place(struct pp_page *page, const char *file, uint32_t line, const char *made_from)
{
	if (!file || line == 0)
		return NULL;
	const char *text = page_kept(page, arena_printf(page->arena, "%s:%" PRIu32, call_file_name(file), line));
	return made_from ? page_kept(page, arena_printf(page->arena, "%s, from %s", text, made_from)) : text;
}

const char *page_line(struct pp_page *page, struct place place)
{
	if (!place.file || place.line == 0)
		return "";
	const char *made_from = model_source(page->scenario->model, place);
	if (strcmp(place.file, page->scenario->model->file) != 0)
		return page_place(page, place.file, place.line, made_from);
	return page_kept(page, arena_printf(page->arena, "line %" PRIu32 "%s%s", place.line, made_from ? ", from " : "",
					    made_from ? made_from : ""));
}

const char *page_time(struct pp_page *page, int64_t ns)
{
	return page_kept(page, arena_printf(page->arena, "%" PRId64 ".%06" PRId64 " s", ns / NS_PER_S,
					    ns % NS_PER_S / NS_PER_US));
}

const char *page_count(struct pp_page *page, uint64_t n, const char *one, const char *many)
{
	return page_kept(page, arena_printf(page->arena, "%" PRIu64 " %s", n, n == 1 ? one : many));
}

const char *page_end_point(struct pp_page *page, pp_addr addr, uint32_t first_port, uint32_t last_port,
			   uint8_t protocol)
{
	char printed[PP_ADDR_TEXT_BYTES];
	pp_addr_print(addr, printed);
	if (protocol == PROTO_ICMP)
		return page_kept(page, arena_strdup(page->arena, printed));
	if (first_port == last_port)
		return page_kept(page, arena_printf(page->arena, "%s:%" PRIu32, printed, first_port));
	return page_kept(page, arena_printf(page->arena, "%s:%" PRIu32 "-%" PRIu32, printed, first_port, last_port));
}

/* The line with its neighbours, and a mark before it. A line that is very long is cut. */
const char *page_excerpt(struct pp_page *page, const char *file, uint32_t line)
{
	const struct pp_scenario *scenario = page->scenario;
	const struct source *source = NULL;
	for (size_t i = 0; i < scenario->n_sources && file && line > 0; i++)
		if (strcmp(file, scenario->sources[i].file) == 0)
			source = &scenario->sources[i];
	if (!source)
		return NULL;
	struct buf text = {0};
	const char *at = source->text, *end = source->text + source->text_bytes;
	for (uint32_t number = 1; at < end && number <= line + 1; number++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t n = (size_t)((newline ? newline : end) - at), shown = n < 300 ? n : 300;
		if (number + 1 >= line)
			buf_printf(&text, "%s %4" PRIu32 "  %.*s%s\n", number == line ? ">" : " ", number, (int)shown,
				   at, shown < n ? " ..." : "");
		at += n + 1;
	}
	const char *made = buf_failed(&text) ? NULL : arena_strdup(page->arena, buf_text(&text));
	buf_free(&text);
	return page_kept(page, made);
}
