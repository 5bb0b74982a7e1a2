/* Names of a scenario in its text: a value such as "ase-one/web:443/tcp" or "guard" has pieces that name what stands
 * elsewhere; the key "guard" below network.nsgs defines one. Which sections a value may name follows from its key: by the
 * table, or, of a key "x" of network, it is the section "xs". Sections are named without "network."; `*` is each whose
 * things stand in the network by their names. */
#include "cli/lsp.h"
#include <string.h>

#define ELEMENTS "ases|hosts|sites|*"
#define POINTS ELEMENTS "|vnets" /* VNET/outbound */
#define DNS_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/* `below`: where the key stands; NULL: anywhere. The first row that fits holds. */
static const struct {
	const char *key, *below, *sections;
} references[] = {
	{"nsg", NULL, "nsgs"},
	{"routes", NULL, "route_tables"},
	{"route", NULL, "route_tables"},
	{"peers", NULL, "vnets"},
	{"peer", NULL, "vnets"},
	{"with", "timeline", "vnets"},
	{"vnet", NULL, "vnets"},
	{"region", NULL, "regions"},
	{"subnet", NULL, "vnets"},
	{"integrated", NULL, "vnets"},
	{"address", "timeline", ELEMENTS},
	{"from", "expect", POINTS},
	{"from", NULL, ELEMENTS},
	{"to", NULL, ELEMENTS},
	{"scale", NULL, "ases"},
	{"move", NULL, "ases"},
	{"vip", "timeline", "ases"}, /* of an environment it is an address */
	{"ase", NULL, "ases"},
	{"stop", NULL, "ases|hosts"},
	{"start", NULL, "ases|hosts"},
	{"link", NULL, POINTS},
	{"next_hop", NULL, ELEMENTS},
	{"flow", NULL, "flows"},
	{"flows", "taps", "flows"},
	{"on", "flows", "flows"}, /* of an app: workers */
	{"nat", NULL, POINTS},
	{"worker", NULL, ELEMENTS},
	{"seen_at", NULL, POINTS},
	{"tap", NULL, POINTS},
	{"at", "taps", POINTS}, /* else a time */
	{"hops", NULL, POINTS},
	{"crosses", NULL, POINTS},
	{"never_crosses", NULL, POINTS},
	{"src", NULL, "tags"},
	{"dst", NULL, "tags"},
	{"prefix", NULL, "tags"},
	{"service_endpoints", NULL, "tags"},
	{"resolve", NULL, ELEMENTS},
	{"by", NULL, POINTS},
};
/* Maps whose keys are no words of the language: their values name machines. */
static const char *const maps_of_hosts[] = {".pools.", ".forward.", ".static."};
/* What stands before a slash in the name of a point or of what decides, and whose names stand behind it. */
static const struct {
	const char *word, *sections;
} prefixes[] = {{"region", "regions"},     {"gateway", "sites"}, {"nsg", "nsgs"},
		{"route", "route_tables"}, {"subnet", "vnets"},  {"peering", "vnets"}};

static bool is_number(const char *text, size_t n)
{
	return n > 0 && strspn(text, "0123456789") >= n;
}

/* The last part of the path that is no number of an item. */
static void key_of(const char *path, char *ret, size_t size)
{
	const char *end = path + strlen(path);
	for (;;) {
		const char *dot = end;
		while (dot > path && dot[-1] != '.')
			dot--;
		size_t n = (size_t)(end - dot);
		if (!is_number(dot, n) || dot == path) {
			n = n < size - 1 ? n : size - 1;
			memcpy(ret, dot, n);
			ret[n] = '\0';
			return;
		}
		end = dot - 1;
	}
}

/* The section of network whose name is the key with an s; NULL. */
static const char *plural_section(const char *key)
{
	struct pp_key keys[64];
	size_t n = pp_keys_at("network", keys, sizeof keys / sizeof *keys), length = strlen(key);
	for (size_t i = 0; i < n && i < sizeof keys / sizeof *keys; i++)
		if (strncmp(keys[i].name, key, length) == 0 && strcmp(keys[i].name + length, "s") == 0)
			return keys[i].name;
	return NULL;
}

static bool is_below(const char *path, const char *section)
{
	size_t n = strlen(section);
	return strncmp(path, section, n) == 0 && path[n] == '.';
}

const char *sections_for(const char *path)
{
	char key[64];
	key_of(path, key, sizeof key);
	for (size_t i = 0; i < sizeof maps_of_hosts / sizeof *maps_of_hosts; i++)
		if (strstr(path, maps_of_hosts[i]) && is_below(path, "network"))
			return "hosts";
	if (strcmp(key, "to") == 0 && (strstr(path, ".set.") || strstr(path, ".add.")))
		return "hosts"; /* of a rule that translates */
	if (strcmp(key, "dns") == 0)
		return strstr(path, "endpoints.") ? "vnets" : NULL; /* of hosts and apps: a name */
	for (size_t i = 0; i < sizeof references / sizeof *references; i++)
		if (strcmp(references[i].key, key) == 0 &&
		    (!references[i].below || is_below(path, references[i].below)))
			return references[i].sections;
	if (is_below(path, "timeline") && plural_section(key))
		return POINTS; /* a thing of that section, or the subnet that it serves */
	return is_below(path, "network") ? plural_section(key) : NULL;
}

/* Things of the network that no packet passes by their names. */
static bool is_no_element(const char *section, size_t n)
{
	static const char *const none[] = {"regions", "links", "vnets", "nsgs", "route_tables", "tags", "asgs"};
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		if (strlen(none[i]) == n && strncmp(none[i], section, n) == 0)
			return true;
	return memchr(section, '.', n) != NULL;
}

static bool has_section(const char *sections, const char *path, size_t n)
{
	bool is_of_network = n > 8 && strncmp(path, "network.", 8) == 0;
	path += is_of_network ? 8 : 0;
	n -= is_of_network ? 8 : 0;
	while (*sections) {
		size_t length = strcspn(sections, "|");
		if (is_of_network && *sections == '*' && !is_no_element(path, n))
			return true;
		if (length == n && strncmp(sections, path, n) == 0)
			return true;
		sections += length + (sections[length] == '|');
	}
	return false;
}

size_t path_before(const struct token *key)
{
	size_t n = strlen(key->path), n_key = strlen(key->text);
	return n > n_key ? n - n_key - 1 : 0;
}

/* A key right below a section that names things. */
bool is_definition(const struct token *token, const char *sections, const char *name)
{
	return token->is_key && strcmp(token->text, name) == 0 &&
	       has_section(sections, token->path, path_before(token));
}

/* The section that a key right below it defines a name of; NULL. */
static const char *defining_section(const struct token *token)
{
	static const char *const sections[] = {"ases",         "hosts", "sites",   "nsgs",
					       "route_tables", "vnets", "regions", "flows"};
	size_t n = path_before(token), prefix = 8;
	/* The networks that a map of peers names. */
	if (token->is_key && n > 6 && is_below(token->path, "network.vnets") &&
	    strncmp(token->path + n - 6, ".peers", 6) == 0)
		return "vnets";
	for (size_t i = 0; token->is_key && i < sizeof sections / sizeof *sections; i++)
		if (has_section(sections[i], token->path, n))
			return sections[i];
	if (!token->is_key || n <= prefix || strncmp(token->path, "network.", prefix) != 0 ||
	    is_no_element(token->path + prefix, n - prefix))
		return NULL;
	struct pp_key keys[64];
	size_t n_keys = pp_keys_at("network", keys, sizeof keys / sizeof *keys);
	for (size_t i = 0; i < n_keys && i < sizeof keys / sizeof *keys; i++)
		if (strlen(keys[i].name) == n - prefix && strncmp(keys[i].name, token->path + prefix, n - prefix) == 0)
			return keys[i].name;
	return NULL;
}

/* Of a DNS name that follows from names of the file the pieces that do; NULL for others: "APP.ENVIRONMENT.p.azurewebsites.cn",
 * "APP.ENVIRONMENT.appserviceenvironment.net", "APP.azurewebsites.net", "HOST.VNET.internal.cloudapp.net". */
static const struct {
	const char *ending, *sections[2];
} dns_names[] = {{".p.azurewebsites.", {NULL, "ases"}},
		 {".appserviceenvironment.net", {NULL, "ases"}},
		 {".azurewebsites.net", {"web_apps", NULL}},
		 {".internal.cloudapp.net", {"hosts", "vnets"}}};

static const char *const *labels_of(const char *text)
{
	for (size_t i = 0; i < sizeof dns_names / sizeof *dns_names; i++)
		if (strstr(text, dns_names[i].ending))
			return dns_names[i].sections;
	return NULL;
}

static void add_name(const char *text, const char *at, size_t length, const char *sections, struct name *names,
		     size_t *n)
{
	if (!sections || length == 0 || length >= sizeof names->text || *n == MAX_NAMES)
		return;
	struct name *name = &names[(*n)++];
	memcpy(name->text, at, length);
	name->text[length] = '\0';
	name->first = (unsigned)(at - text);
	name->columns = (unsigned)length;
	name->sections = sections;
}

static size_t names_in_dns(const char *text, const char *const *sections, struct name ret[MAX_NAMES])
{
	size_t n = 0;
	for (size_t label = 0; label < 2; label++) {
		const char *at = text;
		for (size_t i = 0; i < label && at; i++)
			at = strchr(at, '.') ? strchr(at, '.') + 1 : NULL;
		if (at)
			add_name(text, at, strspn(at, DNS_LETTERS), sections[label], ret, &n);
	}
	return n;
}

static const char *sections_behind(const char *word, size_t length)
{
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		if (strlen(prefixes[i].word) == length && strncmp(prefixes[i].word, word, length) == 0)
			return prefixes[i].sections;
	return NULL;
}

/* One point, or what is called: "one/vip", "region/east", "api:443/tcp", "peering/a/b", "burst[3]". Returns where it
 * ends: at the text's end, or at the two hyphens of a link. */
static const char *names_in_place(const char *text, const char *at, const char *sections, struct name *names, size_t *n)
{
	const char *end = strstr(at, "--"), *stop;
	end = end ? end : at + strlen(at);
	stop = at + strcspn(at, ":[");
	stop = stop < end ? stop : end;
	size_t length = strcspn(at, "/");
	length = at + length < stop ? length : (size_t)(stop - at);
	const char *behind = at[length] == '/' && at + length < stop ? sections_behind(at, length) : NULL;
	if (!behind) {
		if (strspn(at, NAME_LETTERS) >= length)
			add_name(text, at, length, sections, names, n);
		return end;
	}
	size_t n_names = strncmp(at, "peering", length) == 0 ? 2 : 1;
	for (size_t i = 0; i < n_names && at + length < stop; i++) {
		at += length + 1;
		length = strcspn(at, "/");
		length = at + length < stop ? length : (size_t)(stop - at);
		add_name(text, at, length, behind, names, n);
	}
	return end;
}

size_t names_in(const struct token *token, struct name ret[MAX_NAMES])
{
	const char *text = token->text, *sections = token->is_key ? defining_section(token) : sections_for(token->path);
	size_t n = 0;
	if (token->is_key) {
		add_name(text, text, strlen(text), sections, ret, &n);
		return n;
	}
	if (!sections)
		return 0;
	if (labels_of(text))
		return names_in_dns(text, labels_of(text), ret);
	for (const char *at = text; *at;) {
		at = names_in_place(text, at, sections, ret, &n);
		at += *at ? 2 : 0;
	}
	return n;
}

bool names_share_space(const struct token *a, const struct token *b)
{
	size_t n = path_before(a);
	bool same = path_before(b) == n && strncmp(a->path, b->path, n) == 0;
	return same || (is_definition(a, ELEMENTS, a->text) && is_definition(b, ELEMENTS, b->text));
}
