/* DOC: NATs over time: how mappings lived and why they ended, a bar for those of one flow from one address to one
 * destination, and how many ports were in use against what there are, by app, destination and worker. */
#include "view/page.h"
#include <errno.h>
#include <inttypes.h>

#define MAX_NATS 12u

static const char *tuple_text(struct pp_page *page, be32 addr, uint16_t port, uint8_t proto)
{
	return page_end_point(page, facade_addr(addr), port, port, proto);
}

/* "web, burst \xc3\x97 128": who calls, and how often. */
static const char *bar_label(struct pp_page *page, const struct page_bar *bar)
{
	const struct model *model = page->result->model;
	const char *app = model_app_of_flow(model, bar->flow);
	const char *flow = model->flows[bar->flow].name;
	char addr[ADDR_TEXT_BYTES];
	addr_print(bar->inside.src, addr);
	if (bar->n == 1)
		return page_kept(page,
				 arena_printf(page->arena, "%s, %s \xe2\x86\x92 %u", flow, addr, bar->outside_first));
	return page_kept(page, arena_printf(page->arena, "%" PRIu64 " of %s%s%s, %s", bar->n, flow, app ? " by " : "",
					    app ? app : "", addr));
}

static const char *bar_hover(struct pp_page *page, const struct page_bar *bar)
{
	const struct model *model = page->result->model;
	const char *app = model_app_of_flow(model, bar->flow);
	const struct tuple *inside = &bar->inside;
	char from[ADDR_TEXT_BYTES], outside[ADDR_TEXT_BYTES];
	bool live = instant_is_never(bar->ended);
	struct buf text = {0};
	buf_printf(&text, "%s of flow %s%s%s\n", page_count(page, bar->n, "mapping", "mappings"),
		   model->flows[bar->flow].name, app ? ", app " : "", app ? app : "");
	buf_printf(&text, "%s %s is %s, port", proto_name(inside->proto), addr_print(inside->src, from),
		   addr_print(bar->outside, outside));
	if (bar->outside_first == bar->outside_last)
		buf_printf(&text, " %u", bar->outside_first);
	else
		buf_printf(&text, "s %u to %u", bar->outside_first, bar->outside_last);
	buf_printf(&text, ", to %s\n", tuple_text(page, inside->dst, be16_to(inside->dst_port), inside->proto));
	buf_printf(&text, "made from %s on, last used at %s, ", page_time(page, bar->created.ns),
		   page_time(page, bar->last_used.ns));
	buf_printf(&text, "%s%s%s\n%" PRIu64 " packets, %" PRIu64 " bytes",
		   bar->why ? bar->why : "ended in several ways",
		   live          ? ""
		   : bar->n == 1 ? " at "
				 : ", the last at ",
		   live ? "" : page_time(page, bar->ended.ns), bar->packets, bar->bytes);
	const char *made = buf_failed(&text) ? NULL : arena_strdup(page->arena, buf_text(&text));
	buf_free(&text);
	return page_kept(page, made);
}

static void fill_bar(struct pp_page *page, const struct page_bar *from, struct plot_bar *ret)
{
	const char *why = from->why ? from->why : "several ends";
	bool live = instant_is_never(from->ended);
	*ret = (struct plot_bar){.label = bar_label(page, from),
				 .end = why,
				 .hover = bar_hover(page, from),
				 .from_ns = from->created.ns,
				 .used_ns = from->last_used.ns,
				 .to_ns = live ? page->axis_ns : from->ended.ns};
	if (!live && from->ended.ns > page->axis_ns)
		ret->end = page_kept(page, arena_printf(page->arena, "%s later", why));
}

static const char *ends_text(struct pp_page *page, const struct page_nat *nat)
{
	struct buf text = {0};
	buf_printf(&text, "%s: ", page_count(page, nat->n, "mapping", "mappings"));
	for (size_t i = 0; i < PAGE_ENDS && nat->ends[i]; i++)
		buf_printf(&text, "%s%" PRIu64 " %s", i > 0 ? ", " : "", nat->n_ends[i], nat->ends[i]);
	if (nat->n > nat->n_drawn)
		buf_printf(&text, "; %" PRIu64 " are not drawn, nat.csv lists all", nat->n - nat->n_drawn);
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

static int put_ports(struct pp_page *page, pp_ports_by by, const char *words)
{
	struct plot_lines *plots;
	size_t n, n_left_out;
	int r = ports_plot(page->ports, page->arena, by, page->axis_ns, &plots, &n, &n_left_out);
	if (r < 0 || n == 0)
		return r;
	html_textf(&page->out, "h3", NULL, "Ports in use over time, by %s", words);
	for (size_t i = 0; i < n; i++) {
		html_picture(&page->out);
		plot_lines_svg(&plots[i], &page->out);
		html_picture_end(&page->out);
	}
	if (n_left_out > 0)
		html_textf(&page->out, "p", "dim",
			   "%zu more used fewer ports and were refused no more often; they are not drawn.", n_left_out);
	return 0;
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
		int failed = put_mappings(page, &page->nats[i]);
		if (failed < 0)
			return failed;
	}
	if (page->n_nats > MAX_NATS)
		html_textf(&page->out, "p", "warning", "%zu more NATs are not drawn; nat.csv lists their mappings.",
			   page->n_nats - MAX_NATS);
	int r = put_ports(page, PP_PORTS_BY_APP, "app");
	r = r < 0 ? r : put_ports(page, PP_PORTS_BY_DESTINATION, "destination");
	r = r < 0 ? r : put_ports(page, PP_PORTS_BY_WORKER, "worker or machine");
	if (r < 0)
		return r;
	html_section_end(&page->out);
	return 0;
}
