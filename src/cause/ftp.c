/* DOC: a data connection of FTP that is lost, because the end that waits for it has named its own private address, in PORT
 * or in 227, and no NAT on the way has put another one in its place. */
#include "cause/maker.h"
#include "model/defaults.h"
#include "net/header.h"

static bool opens_data(const struct maker *maker, const struct flow_config *flow)
{
	const struct step *step = maker->step;
	const struct tcp_header *tcp = packet_l4_const(step->packet);
	bool is_ftp = flow && flow->proto == PROTO_TCP && flow->port == DEFAULT_FTP_PORT && !flow->has_no_dialogue;
	if (!is_ftp || step->after.proto != PROTO_TCP || (tcp->flags & (TCP_SYN | TCP_ACK)) != TCP_SYN)
		return false;
	return flow->ftp == FTP_MODE_ACTIVE ? be16_to(step->after.src_port) == DEFAULT_FTP_DATA_PORT
					    : be16_to(step->after.dst_port) != DEFAULT_FTP_PORT;
}

/* The NAT by which the rest of the world reaches the end that was named: its site's; NULL where it has none that can read
 * FTP. */
static const struct element *nat_before(const struct maker *maker, const struct flow_config *flow)
{
	const struct model *model = maker->model;
	uint32_t nat = NONE;
	if (flow->ftp == FTP_MODE_PASSIVE && flow->to.kind == ENDPOINT_ADDRESS)
		nat = element_of_address(model, flow->to.addr);
	else if (flow->ftp == FTP_MODE_ACTIVE && flow->from.kind == ENDPOINT_HOST &&
		 model->hosts[flow->from.index].kind == HOST_SITE)
		nat = model->elements->nat[model->hosts[flow->from.index].site];
	const struct element *element = nat == NONE ? NULL : element_at(model, nat);
	bool reads = element && (element->kind == ELEMENT_SITE_NAT || element->kind == ELEMENT_APPLIANCE);
	return reads ? element : NULL;
}

static void help_active(struct maker *maker, const struct flow_config *flow, const char *alg)
{
	if (alg)
		buf_puts(&maker->helps, ", or l");
	else
		buf_puts(&maker->helps, "L");
	buf_printf(&maker->helps, "et the caller open the data connections (`flows.%s.ftp: passive`).", flow->name);
	maker_setting(maker, "flows.%s.ftp", flow->name);
}

static void help_passive(struct maker *maker, const char *alg)
{
	uint32_t named = element_of_address(maker->model, maker->step->after.dst);
	const struct element *element = named == NONE ? NULL : element_at(maker->model, named);
	if (!alg && element && element_traits[element->kind].owner == OWNER_HOST) {
		buf_printf(&maker->helps,
			   "Let the server name the address that callers reach (`network.hosts.%s.pasv_address`)",
			   element->name);
		maker_setting(maker, "network.hosts.%s.pasv_address", element->name);
	}
	buf_puts(&maker->helps, maker->helps.size_bytes > 0 ? "." : "");
}

/* Whose address was named: an end's, or that of a NAT on the way, behind which there is another one. */
static const char *whose(const struct maker *maker, const struct flow_config *flow, bool is_active)
{
	const struct model *model = maker->model;
	uint32_t named = element_of_address(model, maker->step->after.dst);
	bool is_nat = named != NONE && element_at(model, named)->kind == ELEMENT_APPLIANCE &&
		      (flow->from.kind != ENDPOINT_HOST || model->elements->host[flow->from.index] != named);
	return is_nat ? element_at(model, named)->name : is_active ? "the caller" : "the server";
}

bool cause_of_ftp_data(struct maker *maker)
{
	const struct flow_config *flow = maker_flow(maker);
	const struct tuple *tuple = &maker->step->after;
	char text[ADDR_TEXT_BYTES];
	if (maker->need || maker->step->verdict.reason != REASON_NO_ROUTE || !opens_data(maker, flow))
		return false;
	bool is_active = flow->ftp == FTP_MODE_ACTIVE;
	const struct element *nat = nat_before(maker, flow);
	const char *alg = nat ? nat_setting(maker, nat, "alg") : NULL;
	buf_printf(&maker->what,
		   "%s names %s, %s's own address, and the data connection that the %s opens cannot reach it",
		   is_active ? "PORT" : "227", addr_print(tuple->dst, text), whose(maker, flow, is_active),
		   is_active ? "server" : "caller");
	if (nat)
		buf_printf(&maker->what, ": %s translates the addresses of packets, not those in what is said",
			   nat->name);
	buf_puts(&maker->what, ".");
	if (alg) {
		buf_printf(&maker->helps, "Let %s read FTP (`%s: [ftp]`)", nat->name, alg);
		maker_setting(maker, "%s", alg);
	}
	if (is_active)
		help_active(maker, flow, alg);
	else
		help_passive(maker, alg);
	return true;
}
