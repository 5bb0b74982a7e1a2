/* DOC: a web app in the register of elements: a machine at its inbound address, on the public side; behind it its outbound
 * addresses, which are a NAT, and its instances, which elements.c registers next. */
#include "model/web_app.h"
#include "model/elements.h"

bool register_web_app(struct arena *arena, const struct model *model, uint32_t index, struct element *ret)
{
	const struct web_app_config *config = &model->web_apps[index];
	char text[ADDR_TEXT_BYTES];
	ret->region = config->region;
	ret->addr = config->addr;
	ret->nat_name = config->name;
	ret->description = arena_printf(arena, "web app %s, %s", config->name, addr_print(config->addr, text));
	return ret->description;
}

uint32_t web_app_outbound(const struct model *model, uint32_t app)
{
	return model->elements->app_outbound[app];
}

uint32_t web_app_instance(const struct model *model, uint32_t app, uint32_t number)
{
	return web_app_outbound(model, app) + 1 + number;
}

uint32_t web_app_realm(const struct model *model)
{
	return (uint32_t)(model->n_vnets + model->n_sites);
}
