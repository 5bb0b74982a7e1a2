/* DOC: NATs over time: how each mapping lived and why it ended, and how many ports were in use against what there
 * are. */
#include "view/page.h"
#include <errno.h>
#include <inttypes.h>

#define MAX_NATS 12u

static const char *tuple_text(struct pp_page *page, be32 addr, uint16_t port, uint8_t proto)
{
	return page_end_point(page, facade_addr(addr), port, port, proto);
}

static void fill_bar(struct pp_page *page, const struct page_bar *from, struct plot_bar *ret)
{
	const struct tuple *inside = &from->inside;
	const char *in =
		page_kept(page, arena_printf(page->arena, "%s %s", proto_name(inside->proto),
					     tuple_text(page, inside->src, be16_to(inside->src_port), inside->proto)));
	const char *why = from->why ? from->why : "still live";
	bool live = instant_is_never(from->ended);
	*ret = (struct plot_bar){
		.label = page_kept(page, arena_printf(page->arena, "%s \xe2\x86\x92 %u", in, from->outside_port)),
		.end = why,
		.from_ns = from->created.ns,
		.used_ns = from->last_used.ns,
		.to_ns = live ? page->axis_ns : from->ended.ns};
	if (!live && from->ended.ns > page->axis_ns)
		ret->end = page_kept(page, arena_printf(page->arena, "%s later", why));
	ret->hover =
		page_kept(page, arena_printf(page->arena,
					     "%s is %s to %s\nmade at %s, last used at %s, %s%s%s\n%" PRIu64
					     " packets, %" PRIu64 " bytes",
					     in, tuple_text(page, from->outside, from->outside_port, inside->proto),
					     tuple_text(page, inside->dst, be16_to(inside->dst_port), inside->proto),
					     page_time(page, from->created.ns), page_time(page, from->last_used.ns),
					     why, live ? "" : " at ", live ? "" : page_time(page, from->ended.ns),
					     from->packets, from->bytes));
}

static const char *ends_text(struct pp_page *page, const struct page_nat *nat)
{
	struct buf text = {0};
	buf_printf(&text, "%s: ", page_count(page, nat->n, "mapping", "mappings"));
	for (size_t i = 0; i < PAGE_ENDS && nat->ends[i]; i++)
		buf_printf(&text, "%s%" PRIu64 " %s", i > 0 ? ", " : "", nat->n_ends[i], nat->ends[i]);
	if (nat->n > nat->n_bars)
		buf_printf(&text, "; drawn are the first %zu, nat.csv lists all", nat->n_bars);
	const char *made = buf_failed(&text) ? NULL : arena_strdup(page->arena, buf_text(&text));
	buf_free(&text);
	return page_kept(page, made);
}

static int put_mappings(struct pp_page *page, const struct page_nat *nat)
{
	struct plot_bar *bars = arena_array(page->arena, nat->n_bars, sizeof *bars);
	if (!bars)
		return -ENOMEM;
	for (size_t i = 0; i < nat->n_bars; i++)
		fill_bar(page, &nat->bars[i], &bars[i]);
	html_picture(&page->out);
	plot_bars(bars, nat->n_bars, page->axis_ns, nat->name, ends_text(page, nat), &page->out);
	html_picture_end(&page->out);
	return 0;
}

static void put_series(struct pp_page *page, const struct page_series *series)
{
	html_picture(&page->out);
	plot_curve(series->samples, page->n_sampled, series->budget, series->peak, page->axis_ns, series->name,
		   &page->out);
	html_picture_end(&page->out);
}

/* They were met in the order in which their first mappings ended. */
static void sort_nats(struct pp_page *page)
{
	for (size_t i = 1; i < page->n_nats; i++) {
		struct page_nat nat = page->nats[i];
		size_t at = i;
		for (; at > 0 && page->nats[at - 1].node > nat.node; at--)
			page->nats[at] = page->nats[at - 1];
		page->nats[at] = nat;
	}
}

int page_nats(struct pp_page *page)
{
	sort_nats(page);
	html_section(&page->out, "nats", "NATs over time");
	if (page->n_nats == 0)
		html_text(&page->out, "p", NULL, "No NAT made a mapping.");
	else
		html_text(&page->out, "h3", NULL, "Mappings");
	for (size_t i = 0; i < page->n_nats && i < MAX_NATS; i++) {
		int r = put_mappings(page, &page->nats[i]);
		if (r < 0)
			return r;
	}
	if (page->n_nats > MAX_NATS)
		html_textf(&page->out, "p", "warning", "%zu more NATs are not drawn; nat.csv lists their mappings.",
			   page->n_nats - MAX_NATS);
	if (page->n_series > 0)
		html_text(&page->out, "h3", NULL, "Ports in use, of each instance against its budget");
	for (size_t i = 0; i < page->n_series; i++)
		put_series(page, &page->series[i]);
	if (page->n_series_left_out > 0)
		html_textf(&page->out, "p", "dim",
			   "%zu more used fewer ports and were refused no more often; they are not drawn.",
			   page->n_series_left_out);
	html_section_end(&page->out);
	return 0;
}
