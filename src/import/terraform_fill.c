/* From attributes of Terraform to properties of Azure, by a table; and resources that only join two others. What the
 * table does not have is put beside the properties under its own name, so that the account of properties finds it. */
#include "import/terraform.h"
#include <string.h>

struct js *tf_place(struct tf *tf, struct js *body, const char *path, const char **ret_last)
{
	for (;;) {
		size_t n = strcspn(path, ".");
		if (!path[n]) {
			*ret_last = path;
			return body;
		}
		const char *key = store_text(tf->store, path, n);
		struct js *next = js_get(body, key);
		if (!next || next->kind != JS_OBJECT) {
			next = js_make(tf->store, JS_OBJECT, body);
			js_put(tf->store, body, key, next);
		}
		body = next;
		path += n + 1;
	}
}

struct js *tf_list(struct tf *tf, struct js *body, const char *path, const struct js *from)
{
	const char *last;
	struct js *holder = tf_place(tf, body, path, &last), *list = js_get(holder, last);
	if (!list) {
		list = js_make(tf->store, JS_ARRAY, from);
		js_put(tf->store, holder, last, list);
	}
	return list;
}

void tf_set_aside(struct tf *tf, struct js *holder, struct js *member)
{
	js_remove(member);
	mark_all(member, MARK_INERT);
	js_put(tf->store, holder, store_printf(tf->store, JS_TERRAFORM "%s", member->key), member);
}

static void put(struct tf *tf, struct js *body, const char *path, struct js *value)
{
	const char *last;
	struct js *holder = tf_place(tf, body, path, &last), *there = js_get(holder, last);
	if (there) /* two attributes say it, of two versions of the provider */
		tf_set_aside(tf, holder, there);
	js_put(tf->store, holder, last, value);
}

struct js *tf_id_object(struct tf *tf, const char *id, const struct js *from)
{
	struct js *object = js_make(tf->store, JS_OBJECT, from);
	js_put(tf->store, object, "id", js_text(tf->store, id, from));
	return object;
}

static void put_id(struct tf *tf, struct tf_resource *resource, const struct tf_attr *attr, struct js *value,
		   struct js *expressions, struct js *body)
{
	const struct js *from = value ? value : body;
	const char *id = tf_reference(tf, resource, expressions, attr->tf, value, attr->of);
	if (id && !strchr(id, '/'))
		id = resource_id(tf->import, NULL, NULL,
				 store_printf(tf->store, "Microsoft.Network/%s", attr->of ? attr->of : ""), id);
	if (id) {
		put(tf, body, attr->azure,
		    attr->kind == TF_ID ? tf_id_object(tf, id, from) : js_text(tf->store, id, from));
		return;
	}
	/* A reference that nothing resolves is a value that is not known; no expression at all is no reference. */
	const struct js *expression = js_get(expressions, attr->tf);
	if (tf_is_absent(resource, attr->tf, value) || !expression || !js_get(expression, "references"))
		return;
	const char *why = store_printf(tf->store, "what %s refers to is not in the plan", attr->tf);
	struct js *object = js_make(tf->store, JS_OBJECT, from);
	js_put(tf->store, object, "id", js_unknown(tf->store, why, from));
	put(tf, body, attr->azure, object);
}

static void put_ids(struct tf *tf, struct tf_resource *resource, const struct tf_attr *attr, struct js *value,
		    struct js *expressions, struct js *body)
{
	const char **ids;
	size_t n;
	tf_references(tf, resource, expressions, attr->tf, value, attr->of, &ids, &n);
	bool unknown = n == 0 && js_is_unknown(value);
	struct js *list = n || unknown ? js_make(tf->store, JS_ARRAY, value ? value : body) : NULL;
	for (size_t i = 0; i < n; i++)
		js_put(tf->store, list, NULL,
		       tf_id_object(tf, ids[i], value ? js_nth(value, i) ? js_nth(value, i) : value : body));
	if (unknown)
		js_put(tf->store, list, NULL, js_copy(tf->store, value));
	if (list)
		put(tf, body, attr->azure, list);
}

/* The expressions of a block stand in a list beside it, or as one object. */
static struct js *block_expressions(struct js *expressions, const char *name, size_t index)
{
	struct js *all = js_get(expressions, name);
	if (!all || all->kind == JS_OBJECT)
		return all;
	struct js *found = js_nth(all, index);
	return found ? found : js_nth(all, 0); /* a dynamic block has one expression for all */
}

static void put_blocks(struct tf *tf, struct tf_resource *resource, const struct tf_attr *attr, struct js *value,
		       struct js *expressions, struct js *body)
{
	const char *equals = attr->of ? strchr(attr->of, '=') : NULL, *last;
	struct js *holder = equals ? tf_place(tf, body, attr->azure, &last) : NULL,
		  *there = holder ? js_get(holder, last) : NULL;
	struct js *list = there ? there : js_make(tf->store, JS_ARRAY, value);
	size_t index = 0;
	each_item(block, value)
	{
		if (block->kind != JS_OBJECT)
			continue;
		struct js *item = js_make(tf->store, JS_OBJECT, block);
		tf_fill(tf, resource, attr->inner, block, block_expressions(expressions, attr->tf, index++), item);
		if (attr->kind == TF_BLOCK) {
			put(tf, body, attr->azure, item);
			return;
		}
		if (equals)
			js_put(tf->store, item, store_text(tf->store, attr->of, (size_t)(equals - attr->of)),
			       js_text(tf->store, equals + 1, block));
		js_put(tf->store, list, NULL, item);
	}
	if (attr->kind == TF_BLOCKS && list->n > 0 && list != there)
		put(tf, body, attr->azure, list);
}

static void put_attr(struct tf *tf, struct tf_resource *resource, const struct tf_attr *attr, struct js *value,
		     struct js *expressions, struct js *body)
{
	bool there = value && value->kind != JS_NULL, unknown = js_is_unknown(value);
	switch (attr->kind) {
	case TF_COPY:
		if (there)
			put(tf, body, attr->azure, js_copy(tf->store, value));
		return;
	case TF_NOT:
		if (there)
			put(tf, body, attr->azure,
			    unknown ? js_copy(tf->store, value) : js_bool(tf->store, !js_is_true(value), value));
		return;
	case TF_LIST:
		if (there) {
			struct js *list = js_make(tf->store, JS_ARRAY, value);
			js_put(tf->store, list, NULL, js_copy(tf->store, value));
			put(tf, body, attr->azure, list);
		}
		return;
	case TF_CONSTANT:
		put(tf, body, attr->azure, js_text(tf->store, attr->of, body));
		return;
	case TF_IF_TRUE:
	case TF_IF_FALSE:
		if (unknown)
			put(tf, body, attr->azure, js_copy(tf->store, value));
		else if (there && js_is_true(value) == (attr->kind == TF_IF_TRUE))
			put(tf, body, attr->azure, js_text(tf->store, attr->of, value));
		return;
	case TF_ID:
	case TF_ID_TEXT:
		put_id(tf, resource, attr, value, expressions, body);
		return;
	case TF_IDS:
		put_ids(tf, resource, attr, value, expressions, body);
		return;
	case TF_BLOCK:
	case TF_BLOCKS:
		if (unknown)
			put(tf, body, attr->azure, js_copy(tf->store, value));
		else if (there)
			put_blocks(tf, resource, attr, value, expressions, body);
		return;
	case TF_DROP:
		return;
	}
}

/* An attribute that goes into nothing stays in the account of properties. */
static void keep_account(struct tf *tf, const struct tf_attr *attr, struct js *value, struct js *body)
{
	bool silent = attr->kind == TF_DROP || attr->kind == TF_IF_TRUE || attr->kind == TF_IF_FALSE;
	if (!silent || !value)
		return;
	const char *key = store_printf(tf->store, JS_TERRAFORM "%s", attr->tf);
	js_put(tf->store, body, key, value);
	mark_all(js_get(body, key), MARK_INERT);
}

static const struct tf_attr *find_attr(const struct tf_attr *attrs, const char *name)
{
	for (const struct tf_attr *at = attrs; at && at->tf; at++)
		if (strcmp(at->tf, name) == 0)
			return at;
	return NULL;
}

void tf_fill(struct tf *tf, struct tf_resource *resource, const struct tf_attr *attrs, struct js *values,
	     struct js *expressions, struct js *body)
{
	for (const struct tf_attr *at = attrs; at && at->tf; at++)
		put_attr(tf, resource, at, js_get(values, at->tf), expressions, body);
	for (const struct tf_attr *at = attrs; at && at->tf; at++)
		keep_account(tf, at, js_get(values, at->tf), body);
	for (struct js *value = values->first; value; value = value->next)
		if (!find_attr(attrs, value->key) && !js_get(body, value->key))
			js_put(tf->store, body, value->key, value);
}

/* ---- joining ---- */

static const struct association {
	const char *tf;
	const char *of, *of_type; /* the attribute, and the type, of what is changed */
	const char *to, *to_type;
	const char *path;
	bool list;          /* an item is added */
	bool configuration; /* of the address configuration that is named */
} associations[] = {
	{"azurerm_subnet_network_security_group_association", "subnet_id", "virtualNetworks/subnets",
	 "network_security_group_id", "networkSecurityGroups", "properties.networkSecurityGroup", false, false},
	{"azurerm_subnet_route_table_association", "subnet_id", "virtualNetworks/subnets", "route_table_id",
	 "routeTables", "properties.routeTable", false, false},
	{"azurerm_subnet_nat_gateway_association", "subnet_id", "virtualNetworks/subnets", "nat_gateway_id",
	 "natGateways", "properties.natGateway", false, false},
	{"azurerm_network_interface_security_group_association", "network_interface_id", "networkInterfaces",
	 "network_security_group_id", "networkSecurityGroups", "properties.networkSecurityGroup", false, false},
	{"azurerm_nat_gateway_public_ip_association", "nat_gateway_id", "natGateways", "public_ip_address_id",
	 "publicIPAddresses", "properties.publicIpAddresses", true, false},
	{"azurerm_nat_gateway_public_ip_prefix_association", "nat_gateway_id", "natGateways", "public_ip_prefix_id",
	 "publicIPPrefixes", "properties.publicIpPrefixes", true, false},
	{"azurerm_network_interface_backend_address_pool_association", "network_interface_id", "networkInterfaces",
	 "backend_address_pool_id", NULL, "properties.loadBalancerBackendAddressPools", true, true},
	{"azurerm_network_interface_nat_rule_association", "network_interface_id", "networkInterfaces", "nat_rule_id",
	 NULL, "properties.loadBalancerInboundNatRules", true, true},
	{"azurerm_network_interface_application_security_group_association", "network_interface_id",
	 "networkInterfaces", "application_security_group_id", "applicationSecurityGroups",
	 "properties.applicationSecurityGroups", true, true},
	{"azurerm_app_service_virtual_network_swift_connection", "app_service_id", "Microsoft.Web/sites", "subnet_id",
	 "virtualNetworks/subnets", "properties.virtualNetworkSubnetId", false, false},
	{"azurerm_virtual_network_dns_servers", "virtual_network_id", "virtualNetworks", "dns_servers", NULL,
	 "properties.dhcpOptions.dnsServers", false, false},
};

static const struct association *find_association(const char *type)
{
	for (size_t i = 0; i < sizeof associations / sizeof *associations; i++)
		if (strcmp(associations[i].tf, type) == 0)
			return &associations[i];
	return NULL;
}

bool tf_is_association(const char *type)
{
	return find_association(type);
}

/* The address configuration that it names, or the first. */
static struct js *configuration_of(struct tf_resource *association, struct js *body)
{
	const char *wanted = js_string(js_get(association->values, "ip_configuration_name"));
	struct js *list = js_at(body, "properties.ipConfigurations");
	each_item(item, list)
	{
		const char *name = js_string(js_get(item, "name"));
		if (wanted && name && strcmp(name, wanted) == 0)
			return item;
	}
	return js_nth(list, 0);
}

static void join(struct tf *tf, const struct association *how, struct js *body, const char *to, const struct js *from)
{
	if (!how->list) {
		bool text = text_ends(how->path, "SubnetId");
		put(tf, body, how->path, text ? js_text(tf->store, to, from) : tf_id_object(tf, to, from));
		return;
	}
	js_put(tf->store, tf_list(tf, body, how->path, from), NULL, tf_id_object(tf, to, from));
}

void tf_associate(struct tf *tf, struct tf_resource *association)
{
	const struct association *how = find_association(association->type);
	const char *of = tf_reference(tf, association, association->expressions, how->of,
				      js_get(association->values, how->of), how->of_type),
		   *to = tf_reference(tf, association, association->expressions, how->to,
				      js_get(association->values, how->to), how->to_type);
	struct tf_resource *changed = tf_resource_of_id(tf, of);
	struct js *body = changed ? changed->body : NULL, *texts = js_get(association->values, how->to);
	if (body && texts && texts->kind == JS_ARRAY) { /* no reference, but a list of addresses */
		put(tf, body, how->path, texts);
		return;
	}
	if (body && how->configuration)
		body = configuration_of(association, body);
	if (!body || !to) {
		note(tf->import, SEVERITY_CHANGES, association->values, "%s.%s: what it joins is not known",
		     association->type, association->name);
		return;
	}
	join(tf, how, body, to, association->values);
}
