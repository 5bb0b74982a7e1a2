/* DOC: what is known of a NAT without asking its table: where it stands, the name and line of its rules, where a packet
 * goes on from its outside and its inside, and what its decisions look like. translate.c asks the table. */
#include "network/drive.h"
#include <string.h>

/* Azure's own word at its load balancer. */
const char *translate_rule(const struct translator *translator)
{
	if (__builtin_expect(!!translator->rule, 0))
		return translator->rule;
	return translator->kind == ELEMENT_SITE_NAT || translator->kind == ELEMENT_APPLIANCE ? "nat" : "snat";
}

struct place translator_place(const struct translator *translator)
{
	return translator->nat_place.file ? translator->nat_place : translator->place;
}

/* The balancer's rules are the environment's, all others the NAT's: a rule has one line, rewrite it or drop it. */
struct place translate_place(const struct translator *translator, const char *rule)
{
	bool of_balancer = rule && (strcmp(rule, "load-balancer") == 0 || strcmp(rule, "management") == 0);
	return of_balancer ? translator->place : translator_place(translator);
}

void translate_drop(const struct world *world, const struct translator *translator, enum reason reason,
		    const char *rule, const char *detail, struct decision *ret)
{
	struct verdict verdict = {.reason = reason,
				  .by = world->nodes[translator->node].name,
				  .rule = rule,
				  .detail = detail,
				  .place = translate_place(translator, rule)};
	/* An appliance is a machine: what it drops it has seen arrive. Outside a NAT that is none only what leaves it
	 * is seen. */
	decide_drop(ret, verdict, element_is_end_point(translator->kind) ? STEP_SEEN | STEP_INBOUND : 0);
}

void translate_keep(struct world *world, const struct translator *translator, const struct packet *packet,
		    const char *why)
{
	struct verdict verdict = {
		.by = world->nodes[translator->node].name, .detail = why, .place = translator_place(translator)};
	path_step(world, translator->node, packet, STEP_FORWARD, STEP_SEEN | STEP_UNTRANSLATED, &verdict, NULL);
}

/* On from the outside of the NAT: an appliance sends by its own NIC, others into the public networks. What a site's NAT
 * has translated for its own address turns round. */
void translator_leave(const struct translator *translator, be32 dst, struct decision *ret)
{
	if (translator->kind == ELEMENT_APPLIANCE)
		decide_go(ret, PASSAGE_NIC_OUT, translator->node, NONE);
	else if (translator->kind == ELEMENT_SITE_NAT && nat_has_address(translator->nat, dst))
		decide_go(ret, PASSAGE_NAT_IN, translator->node, NONE);
	else
		decide_go(ret, PASSAGE_PUBLIC, translator->node, NONE);
}

/* ---- outward ---- */

void translator_change_source(const struct translator *translator, enum change_kind kind, be32 addr, be16 port,
			      struct decision *ret)
{
	decide_change(ret, kind, addr, port, STEP_SEEN | STEP_REALM, translate_rule(translator),
		      translator_place(translator));
}

/* On from the inside of the NAT, for a packet with this destination and source. */
void translator_enter(const struct world *world, const struct translator *translator, be32 src, be32 dst,
		      struct decision *ret)
{
	if (element_is_end_point(translator->kind)) { /* its own, or by its subnet's routes */
		decide_go(ret, be32_equal(dst, translator->addr) ? PASSAGE_STACK : PASSAGE_NIC_OUT, translator->node,
			  NONE);
		return;
	}
	uint32_t to = address_find(world, translator->realm, dst);
	if (to != NONE && translator->kind == ELEMENT_SITE_NAT && nat_has_address(translator->nat, src))
		/* It turned round here, and has the site's own wire before it. At a VIP it came back through the
		 * region. */
		decide_go(ret, PASSAGE_NAT_INSIDE, translator->node, NONE);
	else if (to != NONE)
		decide_go(ret, PASSAGE_NIC_IN, to, NONE);
	else /* what forced tunnelling had sent to a site's NAT */
		decide_go(ret, PASSAGE_GATEWAY_TO_VNET, world->model->elements->gateway[translator->owner],
			  translator->node);
}

void translator_change_destination(const struct world *world, const struct translator *translator, be32 src,
				   enum change_kind kind, be32 addr, be16 port, struct decision *ret)
{
	translator_enter(world, translator, src, addr, ret);
	decide_change(ret, kind, addr, port, STEP_REALM | STEP_INBOUND, translate_rule(translator),
		      translator_place(translator));
}

void translate_go(const struct world *world, const struct translator *translator, bool outbound,
		  const struct tuple *after, struct decision *ret)
{
	if (outbound) {
		translator_leave(translator, after->dst, ret);
		translator_change_source(translator, CHANGE_SRC, after->src, after->src_port, ret);
	} else {
		translator_change_destination(world, translator, after->src, CHANGE_DST, after->dst, after->dst_port,
					      ret);
	}
}

/* No element owns the old address from then on: its mappings end, and later packets to it are dropped. Names resolve to
 * the new one. */
int translator_readdress(struct world *world, struct translator *translator, be32 addr)
{
	/* First: mappings are reported as ended at the old address. */
	int r = translator->nat ? nat_readdress(translator->nat, addr, world->now) : 0;
	if (r < 0)
		return r;
	address_remove(world, NONE, translator->addr);
	translator->addr = addr;
	translator->readdressed = true;
	if (translator->flows)
		flows_clear(translator->flows);
	return address_add(world, NONE, addr, translator->node);
}
