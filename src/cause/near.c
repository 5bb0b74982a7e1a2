/* DOC: rules that nearly allow what was denied. The author of a rule that should let a call pass asks why that rule did
 * not, and not which one denied. A rule that allows is near where one thing alone keeps it from deciding: the protocol, a
 * port, the source, the destination, the name; or where it matches in all of them and stands in the other direction, or
 * is asked behind the rule that denies. The nearest is named, and a second one that is as near. What a rule says and what
 * matches counts; that it says "any" does not. */
#include "cause/near.h"

static bool is_nearer(const struct near *a, const struct near *b)
{
	return a->n_said != b->n_said ? a->n_said > b->n_said : a->by < b->by;
}

void near_add(struct nearest *nearest, struct near near)
{
	size_t at = nearest->n;
	while (at > 0 && is_nearer(&near, &nearest->best[at - 1]))
		at--;
	if (at == NEAR_NAMED)
		return;
	nearest->n += nearest->n < NEAR_NAMED;
	for (size_t i = nearest->n - 1; i > at; i--)
		nearest->best[i] = nearest->best[i - 1];
	nearest->best[at] = near;
	while (nearest->best[nearest->n - 1].n_said < nearest->best[0].n_said)
		nearest->n--;
}

bool near_by_one(const struct near_bit *table, size_t n, unsigned bits, enum near_by *ret)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].bit == bits) {
			*ret = table[i].by;
			return true;
		}
	return false;
}

/* ---- items of lists ---- */

void near_ports(struct buf *out, uint16_t first, uint16_t last, size_t i)
{
	buf_printf(out, "%s%u", i > 0 ? ", " : "", first);
	if (last != first)
		buf_printf(out, "-%u", last);
}

void near_prefix(struct buf *out, struct prefix prefix, size_t i)
{
	char text[PREFIX_TEXT_BYTES];
	buf_puts(out, i > 0 ? ", " : "");
	buf_puts(out, prefix.length == 32 ? addr_print(prefix.addr, text) : prefix_print(prefix, text));
}

void near_more(struct buf *out, size_t n)
{
	if (n > NEAR_ITEMS)
		buf_printf(out, " and %zu more", n - NEAR_ITEMS);
}

/* ---- in words ---- */

void put_near_rule(struct maker *maker, const struct near *near)
{
	buf_printf(&maker->what, " Rule %s", near->name);
	put_place(&maker->what, near->place);
}

/* What it is that the rule says. */
static const char *const things[] = {
	[NEAR_DST_PORT] = "port ",       [NEAR_SRC_PORT] = "source port ", [NEAR_PROTO] = "",
	[NEAR_DST] = "the destination ", [NEAR_SRC] = "the source ",       [NEAR_NAME] = "the name ",
};

static void put_port(struct buf *out, const struct tuple *tuple, const char *way, be16 port)
{
	if (tuple->proto == PROTO_ICMP)
		buf_puts(out, "has no port");
	else
		buf_printf(out, "%s port %u", way, be16_to(port));
}

/* What the packet is instead. */
static void put_packet(struct buf *out, enum near_by by, const struct tuple *tuple, const struct near_words *words)
{
	char addr[ADDR_TEXT_BYTES];
	switch (by) {
	case NEAR_DST_PORT:
		put_port(out, tuple, "goes to", tuple->dst_port);
		break;
	case NEAR_SRC_PORT:
		put_port(out, tuple, "comes from", tuple->src_port);
		break;
	case NEAR_PROTO:
		buf_printf(out, "is %s", words->application ? words->application : proto_name(tuple->proto));
		break;
	case NEAR_SRC:
		buf_printf(out, "comes from %s", addr_print(tuple->src, addr));
		break;
	case NEAR_DST:
		buf_printf(out, "goes to %s", addr_print(tuple->dst, addr));
		break;
	case NEAR_NAME:
	case NEAR_ORDER:
	case NEAR_DIRECTION:
		break;
	}
}

/* What to change in the rule. */
static void help(struct buf *helps, const struct near *near, const struct tuple *tuple, const struct near_words *words)
{
	char addr[ADDR_TEXT_BYTES];
	switch (near->by) {
	case NEAR_DST_PORT:
		if (tuple->proto != PROTO_ICMP)
			buf_printf(helps, " Or add port %u to `dst_ports` of rule %s.", be16_to(tuple->dst_port),
				   near->name);
		break;
	case NEAR_SRC_PORT:
		buf_printf(helps, " Or let rule %s take any source port (`src_ports`).", near->name);
		break;
	case NEAR_PROTO:
		if (words->proto)
			buf_printf(helps, " Or let rule %s allow %s, too (`proto`).", near->name, words->proto);
		break;
	case NEAR_SRC:
		buf_printf(helps, " Or add %s to `src` of rule %s.", addr_print(tuple->src, addr), near->name);
		break;
	case NEAR_DST:
		buf_printf(helps, " Or add %s to `dst` of rule %s.", addr_print(tuple->dst, addr), near->name);
		break;
	case NEAR_NAME:
	case NEAR_ORDER:
	case NEAR_DIRECTION:
		break;
	}
}

void put_near(struct maker *maker, const struct near *near, const struct tuple *tuple, const struct near_words *words)
{
	struct buf *what = &maker->what;
	put_near_rule(maker, near);
	buf_printf(what, " %s %s", words->verb, things[near->by]);
	words->said(what, near);
	if (near->by == NEAR_NAME) {
		buf_printf(what, ", and this call %s%s.", words->called ? "is for " : "gives no name",
			   words->called ? words->called : "");
	} else {
		buf_puts(what, ", and this packet ");
		put_packet(what, near->by, tuple, words);
		buf_putc(what, '.');
	}
	help(&maker->helps, near, tuple, words);
}
