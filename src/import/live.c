/* DOC: answers of the live service: one object or a list, bare or in {value: []} or {data: []}, with `properties` as the
 * REST interface has it, or without, as `az` prints it. Types are those of ids, which every answer has. Nested answers
 * (the subnets of a network) stay where they are: the mapping knows them there. */
#include "base/buf.h"
#include "import/import.h"
#include <string.h>

/* "Microsoft.Network/virtualNetworks/subnets" and "hub/apps" of an id; false where it is none. */
static bool split_id(struct import *import, const char *id, const char **ret_type, const char **ret_name)
{
	static const char mark[] = "/providers/";
	struct buf type = {0}, name = {0};
	const char *at = NULL;
	for (const char *found = strcasestr(id, mark); found; found = strcasestr(found + 1, mark))
		at = found + strlen(mark);
	if (!at)
		return false;
	size_t n = strcspn(at, "/");
	buf_append(&type, at, n);
	at += n;
	while (*at == '/') {
		size_t type_bytes = strcspn(++at, "/");
		buf_putc(&type, '/');
		buf_append(&type, at, type_bytes);
		at += type_bytes;
		if (*at != '/')
			break;
		size_t name_bytes = strcspn(++at, "/");
		buf_puts(&name, name.size_bytes ? "/" : "");
		buf_append(&name, at, name_bytes);
		at += name_bytes;
	}
	bool good = type.size_bytes > n && name.size_bytes > 0 && !buf_failed(&type) && !buf_failed(&name);
	*ret_type = store_text(&import->store, buf_text(&type), type.size_bytes);
	*ret_name = store_text(&import->store, buf_text(&name), name.size_bytes);
	buf_free(&type);
	buf_free(&name);
	return good;
}

static size_t n_keys_but_marks(const struct js *object)
{
	static const char *const marks[] = {"id",
					    "name",
					    "type",
					    "location",
					    "resourceGroup",
					    "tags",
					    "kind",
					    "sku",
					    "identity",
					    "plan",
					    "managedBy",
					    "zones",
					    "extendedLocation",
					    "createdTime",
					    "changedTime",
					    "provisioningState",
					    "systemData",
					    "tenantId",
					    "subscriptionId",
					    "etag"};
	size_t n = object->n;
	for (const struct js *child = object->first; child; child = child->next)
		for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
			n -= text_same(child->key, marks[i]);
	return n;
}

/* How many have properties, and how many none; groups of applications never have. */
struct counts {
	size_t whole, bare;
};

static void read_object(struct import *import, const struct input *input, struct js *object, struct counts *counts)
{
	const char *id = js_string(js_get(object, "id")), *type, *name;
	if (!id || !split_id(import, id, &type, &name)) {
		note(import, SEVERITY_CHANGES, object, "an object without an id of Azure: skipped");
		return;
	}
	/* `az resource list` knows no properties of anything. */
	if (n_keys_but_marks(object) == 0 ||
	    (js_get(object, "properties") && js_get(object, "properties")->kind == JS_NULL &&
	     n_keys_but_marks(object) == 1))
		counts->bare += !text_same(type, "Microsoft.Network/applicationSecurityGroups");
	else
		counts->whole++;
	(void)resource_add(import, input, type, name, id, object);
}

void live_read(struct import *import, struct input *input)
{
	struct js *root = input->root, *list = root;
	size_t before = import->n_resources;
	struct counts counts = {0};
	if (root->kind == JS_OBJECT && !js_get(root, "id")) {
		list = js_get(root, "value");
		list = list ? list : js_get(root, "data");
	}
	if (list && list->kind == JS_OBJECT && list != root && js_get(list, "rows"))
		list = js_get(list, "rows");
	if (list && list->kind == JS_ARRAY)
		for (struct js *item = list->first; item; item = item->next)
			read_object(import, input, item, &counts);
	else if (list)
		read_object(import, input, list, &counts);
	if (counts.bare > 0 && counts.whole == 0)
		diag_error(&import->diags, js_place(root),
			   "use `az network vnet list`, `az network nsg list` and so on, or `az graph query -q "
			   "\"resources\"`",
			   "`az resource list` has no properties, so that nothing can be made of it");
	else if (import->n_resources == before && import->diags.n_errors == 0)
		diag_error(&import->diags, js_place(root),
			   "look whether the command names the right subscription and resource group",
			   list && list->n == 0 ? "the answer is empty: there is nothing to import"
						: "no object of this answer has an `id` of Azure");
}
