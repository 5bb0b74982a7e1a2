/* Functions of templates about prefixes. */
#include "import/arm.h"
#include "net/prefix.h"
#include <string.h>

static bool read_prefix(const struct call *call, struct prefix *ret)
{
	return prefix_parse(arm_text(call, 0), ret) != PREFIX_SYNTAX;
}

/* cidrSubnet('10.0.0.0/16', 24, 2): the third /24. */
static struct js *fn_cidr_subnet(struct eval *eval, const struct call *call)
{
	struct prefix prefix;
	char text[PREFIX_TEXT_BYTES];
	int64_t length = arm_number(call, 1), index = arm_number(call, 2);
	if (!read_prefix(call, &prefix) || length < prefix.length || length > 32 || index < 0 ||
	    index >= INT64_C(1) << (length - prefix.length))
		return arm_unknown(eval, "cidrSubnet: %s has no such subnet", arm_text(call, 0));
	struct prefix inner = {prefix_nth(prefix, (uint32_t)((uint64_t)index << (32 - length))), (uint8_t)length};
	return js_text(eval->arm->store, store_printf(eval->arm->store, "%s", prefix_print(inner, text)), eval->at);
}

/* cidrHost('10.0.1.0/24', 3): the fourth address that machines may have. */
static struct js *fn_cidr_host(struct eval *eval, const struct call *call)
{
	struct prefix prefix;
	char text[ADDR_TEXT_BYTES];
	int64_t index = arm_number(call, 1);
	if (!read_prefix(call, &prefix) || index < 0 || (uint64_t)index + 1 >= prefix_size(prefix))
		return arm_unknown(eval, "cidrHost: %s has no such address", arm_text(call, 0));
	uint32_t first = prefix.length < 31 ? 1 : 0;
	return js_text(
		eval->arm->store,
		store_printf(eval->arm->store, "%s", addr_print(prefix_nth(prefix, (uint32_t)index + first), text)),
		eval->at);
}

static void put_address(struct eval *eval, struct js *object, const char *key, be32 addr)
{
	char text[ADDR_TEXT_BYTES];
	js_put(eval->arm->store, object, key,
	       js_text(eval->arm->store, store_printf(eval->arm->store, "%s", addr_print(addr, text)), eval->at));
}

static struct js *fn_parse_cidr(struct eval *eval, const struct call *call)
{
	struct prefix prefix;
	struct js *object = arm_empty(eval, JS_OBJECT);
	if (!read_prefix(call, &prefix))
		return arm_unknown(eval, "parseCidr: %s is no prefix", arm_text(call, 0));
	uint32_t last = (uint32_t)(prefix_size(prefix) - 1), edge = prefix.length < 31 ? 1 : 0;
	put_address(eval, object, "network", prefix.addr);
	put_address(eval, object, "netmask", be32_from(prefix_mask(prefix)));
	put_address(eval, object, "broadcast", prefix_nth(prefix, last));
	put_address(eval, object, "firstUsable", prefix_nth(prefix, edge));
	put_address(eval, object, "lastUsable", prefix_nth(prefix, last - edge));
	js_put(eval->arm->store, object, "cidr", js_number(eval->arm->store, prefix.length, eval->at));
	return object;
}

const struct arm_function *arm_functions_address(size_t *ret_n)
{
	static const struct arm_function table[] = {
		{"cidrSubnet", 3, 3, fn_cidr_subnet, false, false},
		{"cidrHost", 2, 2, fn_cidr_host, false, false},
		{"parseCidr", 1, 1, fn_parse_cidr, false, false},
	};
	*ret_n = sizeof table / sizeof *table;
	return table;
}
