/* DOC: the ends of flows: how the file names them, and in which network a caller stands. */
#include "model/elements.h"

const char *endpoint_name(const struct model *model, struct arena *arena, const struct endpoint *end)
{
	char text[ADDR_TEXT_BYTES];
	switch (end->kind) {
	case ENDPOINT_HOST:
		return model->hosts[end->index].name;
	case ENDPOINT_APP:
		return model->apps[end->index].path;
	case ENDPOINT_WORKER:
		return arena_printf(arena, "%s/worker-%u", model->ases[end->index].name, end->worker);
	case ENDPOINT_FRONTEND:
		return element_of_frontend(model, end->index)->name;
	case ENDPOINT_WEB_APP:
		return end->worker == NONE ? model->web_apps[end->index].name
					   : element_at(model, web_app_instance(model, end->index, end->worker))->name;
	case ENDPOINT_ASE:
		return model->ases[end->index].name;
	case ENDPOINT_ADDRESS:
		return arena_strdup(arena, addr_print(end->addr, text));
	}
	return NULL;
}

static uint32_t subnet_of(const struct model *model, const struct endpoint *end)
{
	switch (end->kind) {
	case ENDPOINT_HOST:
		return model->hosts[end->index].kind == HOST_VM ? model->hosts[end->index].subnet : NONE;
	case ENDPOINT_APP:
		return model->ases[model->apps[end->index].ase].subnet;
	case ENDPOINT_WORKER:
		return model->ases[end->index].subnet;
	case ENDPOINT_WEB_APP:
		return model->web_apps[end->index].subnet;
	case ENDPOINT_ASE:
	case ENDPOINT_FRONTEND:
	case ENDPOINT_ADDRESS:
		break;
	}
	return NONE;
}

uint32_t endpoint_vnet(const struct model *model, const struct endpoint *end)
{
	uint32_t subnet = subnet_of(model, end);
	return subnet == NONE ? NONE : model->subnets[subnet].vnet;
}

const char *model_app_of_flow(const struct model *model, uint32_t flow)
{
	const struct flow_config *config = &model->flows[flow];
	if (config->is_held_push)
		config = &model->flows[config->held_flow];
	const struct endpoint *from = &config->from;
	return from->kind == ENDPOINT_APP       ? model->apps[from->index].path
	       : from->kind == ENDPOINT_WEB_APP ? model->web_apps[from->index].name
						: NULL;
}
