/* DOC: each section of the table of keys is a definition; a key is a property whose shape follows from its type. A file
 * that the loader takes is one that the schema takes. The other way round the schema knows the form alone: references,
 * overlaps and what else depends on the rest of the file are the loader's.
 *
 * YAML's scalars come typed: `80` is a number to an editor and a text to the loader. So what may look like a number may
 * be one. A key with no value is a key that is absent. */
#include "scenario/schema.h"
#include "net/reason.h"
#include "scenario/keys.h"
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define NAME "[A-Za-z0-9]([A-Za-z0-9_.-]{0,78}[A-Za-z0-9_])?"
#define OWN_NAME "[a-z0-9][a-z0-9-]{0,62}" /* of what belongs to the scenario alone */
#define OCTET "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
#define ADDR OCTET "(\\." OCTET "){3}"
#define PREFIX ADDR "/(3[0-2]|[12]?[0-9])"
#define DECIMAL "[0-9]+(\\.[0-9]+)?"
#define DURATION "(" DECIMAL "(d|h|m|s|ms|us|ns))+"
#define PORT "[0-9]{1,5}"
#define POINT NAME "(/" NAME ")?"

/* What a scalar looks like as text; and whether YAML may take it for a number. */
static const struct shape {
	const char *pattern;
	bool number;
	bool or_list;
} shapes[KEY_TYPE_COUNT] = {
	[KEY_TEXT] = {NULL, true, false},
	[KEY_TEXTS] = {NULL, true, true},
	[KEY_NAME] = {NAME, true, false},
	[KEY_DURATION] = {DURATION, false, false},
	[KEY_HOLD] = {DURATION "|exponential\\(" DURATION "\\)", false, false},
	[KEY_SIZE] = {DECIMAL "([kMG]?B|[KMG]iB)", false, false},
	[KEY_RATE] = {DECIMAL "[kMG]?bit/s", false, false},
	[KEY_FRACTION] = {DECIMAL "(%|[eE]-[0-9]+)?", true, false},
	[KEY_WALL_TIME] = {"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?Z", false, false},
	[KEY_ADDRESS] = {ADDR, false, false},
	[KEY_ADDRESSES] = {ADDR, false, true},
	[KEY_PREFIX] = {PREFIX, false, false},
	[KEY_PREFIXES] = {PREFIX, false, true},
	[KEY_WHERE] = {PREFIX "|" NAME, false, false},
	[KEY_PARTIES] = {"\\*|" PREFIX "|(asg/)?" NAME, false, true}, /* an address looks like a name */
	[KEY_NAMES] = {NAME, true, true},
	[KEY_PORTS] = {"any|\\*|" PORT "(-" PORT ")?", true, true},
	[KEY_PORT_RANGE] = {PORT "-" PORT, false, false},
	[KEY_REF] = {NAME, true, false},
	[KEY_NEXT_HOP] = {POINT, true, false},
	[KEY_REFS] = {NAME, true, true},
	[KEY_SUBNET] = {NAME "/" NAME, false, false},
	[KEY_FROM] = {POINT, true, false},
	[KEY_TO] = {"[^\\s:]+(:" PORT "/(tcp|udp)|/icmp)", false, false},
	[KEY_FLOWS] = {OWN_NAME "(\\[[0-9]+(\\.\\.[0-9]+)?\\])?", true, true},
	[KEY_WORKER] = {"(worker-)?(0|[1-9][0-9]*)|" NAME, true, false},
	[KEY_WORKERS] = {"worker-(0|[1-9][0-9]*)", false, true},
	[KEY_POINT] = {POINT, true, false},
	[KEY_POINTS] = {POINT, true, true},
	[KEY_FILES] = {NULL, false, true},
	[KEY_SOURCE] = {".+:[1-9][0-9]{0,8}", false, false},
	[KEY_PORTS_EACH] = {"auto|[0-9]{1,5}", true, false},
	[KEY_SERVICE] = {"any|" PORT "/(tcp|udp)", false, false},
	[KEY_MACHINE_PORT] = {NAME ":" PORT, false, false},
	[KEY_ROUTES] = {NAME "|" PREFIX, true, true},
	[KEY_FLAGS] = {"[A-Za-z.,+| ]*", false, true},
};

/* ---- scalars ---- */

static json_t *anchored(const char *pattern)
{
	return json_sprintf("^(%s)$", pattern);
}

static json_t *scalar(const struct shape *shape)
{
	json_t *schema = shape->number ? json_pack("{s:[s,s]}", "type", "string", "number")
				       : json_pack("{s:s}", "type", "string");
	if (shape->pattern)
		json_object_set_new(schema, "pattern", anchored(shape->pattern));
	return schema;
}

/* What stands as a whole value may be `${NAME}`. */
static json_t *or_variable(json_t *shape)
{
	json_t *variable = json_pack("{s:s}", "$ref", "#/definitions/variable"),
	       *choices = json_object_get(shape, "anyOf");
	if (json_object_size(shape) == 0) {
		json_decref(variable);
		return shape; /* takes anything */
	}
	if (json_object_size(shape) > 1 || !choices)
		return json_pack("{s:[o,o]}", "anyOf", shape, variable);
	json_array_append_new(choices, variable);
	return shape;
}

static json_t *one_or_list(json_t *one)
{
	json_t *item = or_variable(json_deep_copy(one));
	return json_pack("{s:[o,{s:s,s:i,s:o}]}", "anyOf", one, "type", "array", "minItems", 1, "items", item);
}

/* "a|b|c" as values; one that YAML may read as a truth value does not occur. */
static json_t *words(const char *values)
{
	json_t *list = json_array();
	for (; values; values = strchr(values, '|') ? strchr(values, '|') + 1 : NULL)
		json_array_append_new(list, json_stringn(values, strcspn(values, "|")));
	return list;
}

static json_t *integer(int64_t min, int64_t max)
{
	json_t *number = json_pack("{s:s,s:I}", "type", "integer", "minimum", (json_int_t)min);
	if (max != 0 && max != INT64_MAX)
		json_object_set_new(number, "maximum", json_integer((json_int_t)max));
	return json_pack("{s:[o,{s:s,s:s}]}", "anyOf", number, "type", "string", "pattern", "^[0-9]+$");
}

/* Both, or the one that `only` names. */
static json_t *truth(const char *only)
{
	json_t *values = json_array();
	for (int i = 0; i < 2; i++) {
		const char *word = i ? "true" : "false";
		if (only && strcmp(only, word) != 0)
			continue;
		json_array_append_new(values, json_boolean(i));
		json_array_append_new(values, json_string(word));
	}
	return json_pack("{s:o}", "enum", values);
}

static json_t *reasons(void)
{
	json_t *list = json_array();
	for (unsigned i = REASON_NONE + 1; i < REASON_COUNT; i++)
		json_array_append_new(list, json_string(reason_name((enum reason)i)));
	return json_pack("{s:o}", "enum", list);
}

/* A prefix or a list of them, by name. */
static json_t *tags(void)
{
	json_t *prefix = json_pack("{s:s,s:o}", "type", "string", "pattern", anchored(PREFIX));
	return json_pack("{s:[s,s],s:{s:s},s:o}", "type", "object", "null", "propertyNames", "pattern", "^" NAME "$",
			 "additionalProperties", or_variable(one_or_list(prefix)));
}

static json_t *some_words(const char *values)
{
	json_t *list = words(values), *or_all = words(values);
	json_array_append_new(or_all, json_string("all"));
	return json_pack("{s:[{s:o},{s:s,s:o}]}", "anyOf", "enum", or_all, "type", "array", "items",
			 or_variable(json_pack("{s:o}", "enum", list)));
}

static json_t *ports_of_hosts(void)
{
	json_t *one = json_pack("{s:s,s:o}", "type", "string", "pattern", anchored(PORT "/(tcp|udp)"));
	json_t *item = or_variable(json_deep_copy(one));
	return json_pack("{s:[o,{s:s,s:o}]}", "anyOf", one, "type", "array", "items", item);
}

static json_t *pass(void)
{
	json_t *numbers = integer(1, UINT16_MAX);
	json_array_append_new(json_object_get(numbers, "anyOf"), json_pack("{s:s}", "const", "last"));
	return numbers;
}

/* A number of bytes, with its unit or without. */
static json_t *bytes(const struct key *key)
{
	json_t *numbers = integer(key->min, key->max);
	json_array_append_new(json_object_get(numbers, "anyOf"),
			      json_pack("{s:s,s:o}", "type", "string", "pattern", anchored(shapes[KEY_SIZE].pattern)));
	return numbers;
}

/* ---- sections ---- */

static const char *definition_name(enum section section)
{
	static const char *const names[SECTION_COUNT] = {
		[SECTION_TOP] = "scenario",
		[SECTION_NETWORK] = "network",
		[SECTION_REGION] = "region",
		[SECTION_LINKS] = "links",
		[SECTION_LINK] = "link",
		[SECTION_VNET] = "vnet",
		[SECTION_PEERING] = "peering",
		[SECTION_SUBNET] = "subnet",
		[SECTION_NSG] = "nsg",
		[SECTION_RULE] = "rule",
		[SECTION_RULE_SET] = "set",
		[SECTION_ROUTE_TABLE] = "route-table",
		[SECTION_ROUTE] = "route",
		[SECTION_ROUTE_ADD] = "new-route",
		[SECTION_SITE] = "site",
		[SECTION_GATEWAY] = "gateway",
		[SECTION_BALANCER] = "load-balancer",
		[SECTION_FRONTEND] = "frontend",
		[SECTION_PROBE] = "probe",
		[SECTION_BALANCING] = "balancing-rule",
		[SECTION_INBOUND_NAT] = "inbound-nat-rule",
		[SECTION_OUTBOUND] = "outbound-rule",
#define KIND_SCHEMA(KIND, kind, article, words, schema, help, stands) [SECTION_##KIND] = (schema),
		NETWORK_KINDS(KIND_SCHEMA)
#define KIND_SUBSCHEMA(SECTION, keys, words, schema) [SECTION] = (schema),
			NETWORK_KIND_SECTIONS(KIND_SUBSCHEMA)[SECTION_ASE] = "ase",
		[SECTION_APP] = "app",
		[SECTION_NAT] = "nat",
		[SECTION_MAPPING] = "mapping",
		[SECTION_DOUBLING] = "doubling",
		[SECTION_PORT_HOLD] = "port-hold",
		[SECTION_HOST] = "host",
		[SECTION_PUBLIC_IP] = "public-ip",
		[SECTION_FLOW] = "flow",
		[SECTION_REPEAT] = "repeat",
		[SECTION_LATE] = "late",
		[SECTION_PACKET] = "packet",
		[SECTION_PACKET_FIELDS] = "packet-fields",
		[SECTION_PACKET_FRAGMENT] = "packet-fragment",
		[SECTION_PACKET_ICMP] = "packet-icmp",
		[SECTION_EVENT] = "event",
		[SECTION_FORGET] = "forget",
		[SECTION_TAP] = "tap",
		[SECTION_EXPECT] = "expectation",
		[SECTION_COUNT_RANGE] = "range",
		[SECTION_CONNECTIONS] = "connections",
	};
	return names[section];
}

static json_t *reference(enum section section)
{
	return json_pack("{s:o}", "$ref", json_sprintf("#/definitions/%s", definition_name(section)));
}

static json_t *map_of(const char *names, json_t *item)
{
	return json_pack("{s:[s,s],s:{s:s},s:o}", "type", "object", "null", "propertyNames", "pattern", names,
			 "additionalProperties", or_variable(item));
}

static json_t *named(enum section section)
{
	bool is_own = section == SECTION_FLOW || section == SECTION_TAP;
	return map_of(is_own ? "^" OWN_NAME "$" : "^" NAME "$", reference(section));
}

/* A number, a word, or a map. */
static json_t *block(const struct key *key)
{
	json_t *numbers = integer(1, UINT16_MAX), *choices = json_object_get(numbers, "anyOf");
	json_array_append_new(choices, json_pack("{s:[s,s]}", "enum", "auto", "shared"));
	json_array_append_new(choices, reference(key->of));
	return numbers;
}

static json_t *word_or_map(const struct key *key)
{
	return json_pack("{s:[{s:o},o]}", "anyOf", "enum", words(key->values), reference(key->of));
}

/* A map of what `name` looks like to what `value` looks like. */
static json_t *by_name(const char *name, const char *value)
{
	return json_pack("{s:[s,s],s:{s:o},s:o}", "type", "object", "null", "propertyNames", "pattern", anchored(name),
			 "additionalProperties",
			 or_variable(json_pack("{s:s,s:o}", "type", "string", "pattern", anchored(value))));
}

static json_t *count(const struct key *key)
{
	json_t *numbers = integer(key->min, key->max);
	json_array_append_new(json_object_get(numbers, "anyOf"), reference(SECTION_COUNT_RANGE));
	return numbers;
}

static json_t *shape_of(const struct key *key)
{
	json_t *one;
	switch (key->type) {
	case KEY_INT:
		return integer(key->min, key->max);
	case KEY_BOOL:
		return truth(key->values);
	case KEY_ENUM:
		return json_pack("{s:o}", "enum", words(key->values));
	case KEY_WORDS:
		return some_words(key->values);
	case KEY_REASON:
		return reasons();
	case KEY_TAGS:
		return tags();
	case KEY_PEERS:
		one = one_or_list(scalar(&shapes[KEY_REF]));
		json_array_append_new(json_object_get(one, "anyOf"), named(key->of));
		return one;
	case KEY_LISTEN:
		return ports_of_hosts();
	case KEY_BLOCK:
		return block(key);
	case KEY_MAPPING:
		return word_or_map(key);
	case KEY_FORWARDS:
		return by_name(PORT "(-" PORT ")?/(tcp|udp)", NAME "(:" PORT ")?");
	case KEY_STATICS:
		return by_name(ADDR, NAME);
	case KEY_COUNT:
		return count(key);
	case KEY_PASS:
		return pass();
	case KEY_FLAGS:
		return one_or_list(scalar(&shapes[KEY_FLAGS]));
	case KEY_BYTES:
		return bytes(key);
	case KEY_SECTION:
		return reference(key->of);
	case KEY_NAMED:
		return named(key->of);
	case KEY_LIST:
		return json_pack("{s:[s,s],s:o}", "type", "array", "null", "items", or_variable(reference(key->of)));
	case KEY_PUBLIC_IP:
		return json_pack("{s:[o,o]}", "anyOf", scalar(&shapes[KEY_ADDRESS]), reference(key->of));
	case KEY_POOLS:
		one = one_or_list(scalar(&shapes[KEY_REF])); /* a pool may be empty */
		json_object_set_new(json_array_get(json_object_get(one, "anyOf"), 1), "minItems", json_integer(0));
		return map_of("^" NAME "$", one);
	case KEY_TAPS:
		return json_pack("{s:[{s:s},o]}", "anyOf", "const", "none", named(key->of));
	case KEY_ROUTE:
		one = named(SECTION_ROUTE);
		json_object_set_new(one, "minProperties", json_integer(1));
		json_object_set_new(one, "maxProperties", json_integer(1));
		return json_pack("{s:[o,o]}", "anyOf", reference(key->of), one);
	case KEY_VARS:
		return json_pack("{s:[s,s],s:{s:s}}", "type", "object", "null", "propertyNames", "pattern",
				 "^[A-Za-z0-9_-]{1,63}$");
	case KEY_BY_FORM:
		return json_object();
	case KEY_TEXT:
	case KEY_TEXTS:
	case KEY_NAME:
	case KEY_DURATION:
	case KEY_HOLD:
	case KEY_SIZE:
	case KEY_RATE:
	case KEY_FRACTION:
	case KEY_WALL_TIME:
	case KEY_ADDRESS:
	case KEY_ADDRESSES:
	case KEY_PREFIX:
	case KEY_PREFIXES:
	case KEY_WHERE:
	case KEY_PARTIES:
	case KEY_NAMES:
	case KEY_PORTS:
	case KEY_PORT_RANGE:
	case KEY_REF:
	case KEY_NEXT_HOP:
	case KEY_REFS:
	case KEY_SUBNET:
	case KEY_FROM:
	case KEY_TO:
	case KEY_FLOWS:
	case KEY_WORKER:
	case KEY_WORKERS:
	case KEY_POINT:
	case KEY_POINTS:
	case KEY_ROUTES:
	case KEY_PORTS_EACH:
	case KEY_SERVICE:
	case KEY_MACHINE_PORT:
	case KEY_FILES:
	case KEY_SOURCE:
	case KEY_TYPE_COUNT:
		break;
	}
	one = scalar(&shapes[key->type]);
	return shapes[key->type].or_list ? one_or_list(one) : one;
}

/* A key that may be absent may be there without a value. */
static json_t *property(const struct key *key)
{
	json_t *shape = or_variable(shape_of(key));
	json_t *schema = key->required ? shape : json_pack("{s:[o,{s:s}]}", "anyOf", shape, "type", "null");
	json_object_set_new(schema, "description", json_string(key->help));
	if (key->fallback)
		json_object_set_new(schema, "default", json_string(key->fallback));
	return schema;
}

static json_t *properties_of(const struct key *keys, size_t n)
{
	json_t *properties = json_object();
	for (size_t i = 0; i < n; i++)
		json_object_set_new(properties, keys[i].name, property(&keys[i]));
	return properties;
}

static json_t *presence(const char *key)
{
	return json_pack("{s:[s]}", "required", key);
}

/* {anyOf or oneOf: [{required: [a]}, ...]} */
static void require_some(json_t *schema, const char *how, const char *keys)
{
	json_t *list = words(keys), *each = json_array(), *word;
	size_t i;
	json_array_foreach(list, i, word) json_array_append_new(each, presence(json_string_value(word)));
	json_decref(list);
	json_object_set_new(schema, how, each);
}

static json_t *form_schema(const struct form *form)
{
	json_t *takes = form->with ? words(form->with) : json_array(),
	       *required = form->needs ? words(form->needs) : json_array();
	json_array_insert_new(takes, 0, json_string(form->key));
	json_array_append_new(takes, json_string(SOURCE_KEY_NAME));
	json_array_insert_new(required, 0, json_string(form->key));
	json_t *schema = json_pack("{s:o,s:{s:o}}", "required", required, "propertyNames", "enum", takes);
	if (form->n_own > 0)
		json_object_set_new(schema, "properties", properties_of(form->own, form->n_own));
	if (form->one_of)
		require_some(schema, "oneOf", form->one_of);
	if (form->some_of)
		require_some(schema, "anyOf", form->some_of);
	return schema;
}

static json_t *forms_schema(const struct form *forms, size_t n)
{
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, form_schema(&forms[i]));
	return list;
}

/* Beside a key: the other, or one of several. */
static json_t *needs_one_of(const char *keys)
{
	if (!strchr(keys, '|'))
		return json_pack("[s]", keys);
	json_t *schema = json_object();
	require_some(schema, "anyOf", keys);
	return schema;
}

static json_t *section_schema(enum section section)
{
	size_t n, n_forms;
	const struct key *keys = keys_of(section, &n);
	const struct form *forms = forms_of(section, &n_forms);
	json_t *required = json_array(), *beside = json_object();
	for (size_t i = 0; i < n; i++) {
		if (keys[i].required)
			json_array_append_new(required, json_string(keys[i].name));
		if (keys[i].beside)
			json_object_set_new(beside, keys[i].name, needs_one_of(keys[i].beside));
	}
	bool may_be_empty = json_array_size(required) == 0 && n_forms == 0;
	json_t *schema =
		may_be_empty ? json_pack("{s:[s,s]}", "type", "object", "null") : json_pack("{s:s}", "type", "object");
	json_object_set_new(schema, "properties", properties_of(keys, n));
	json_object_set_new(schema, "additionalProperties", json_false());
	json_object_set_new(schema, "required", required);
	json_object_set_new(schema, "dependencies", beside);
	if (n_forms > 0)
		json_object_set_new(schema, "anyOf", forms_schema(forms, n_forms));
	return schema;
}

static char *make(void)
{
	json_t *definitions = json_object();
	for (unsigned section = 0; section < SECTION_COUNT; section++)
		json_object_set_new(definitions, definition_name((enum section)section),
				    section_schema((enum section)section));
	json_object_set_new(definitions, "variable",
			    json_pack("{s:s,s:s}", "type", "string", "pattern", "^\\$\\{[A-Za-z0-9_-]{1,63}\\}$"));
	json_t *schema =
		json_pack("{s:s,s:s,s:[o],s:o}", "$schema", "http://json-schema.org/draft-07/schema#", "title",
			  "pktpath scenario, version 1", "allOf", reference(SECTION_TOP), "definitions", definitions);
	char *text = schema ? json_dumps(schema, JSON_INDENT(2)) : NULL;
	json_decref(schema);
	return text;
}

/* jansson leaves out what it has no memory for, and does not say so everywhere: it is made twice and has to be the same. */
int schema_print(char **ret)
{
	char *again = make();
	*ret = again ? make() : NULL;
	if (*ret && strcmp(*ret, again) != 0) {
		free(*ret);
		*ret = NULL;
	}
	free(again);
	return *ret ? 0 : -ENOMEM;
}
