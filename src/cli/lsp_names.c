/* Names of a scenario in its text: a value such as "ase-one/web:443/tcp" or "guard" has pieces that name what stands elsewhere; the key
 * "guard" below network.nsgs defines one. Which sections a value may name follows from its key: by the table, or, of a key "x" of network, it is
 * the section "xs". Sections are named without "network."; `*` is each whose things stand in the network by their names. */
#include "cli/lsp.h"
#include <string.h>

#define ELEMENTS "ases|hosts|sites|*"
#define DNS_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

static const struct {
	const char *key, *sections;
} references[] = {
	{"nsg", "nsgs"},
	{"routes", "route_tables"},
	{"route", "route_tables"},
	{"peers", "vnets"},
	{"vnet", "vnets"},
	{"region", "regions"},
	{"subnet", "vnets"},
	{"from", ELEMENTS},
	{"to", ELEMENTS},
	{"scale", "ases"},
	{"move", "ases"},
	{"vip", "ases"},
	{"ase", "ases"},
	{"health", "ases"},
	{"stop", "ases|hosts"},
	{"start", "ases|hosts"},
	{"link", ELEMENTS},
	{"next_hop", "hosts"},
	{"flow", "flows"},
	{"on", "flows"},
	{"nat", ELEMENTS},
	{"seen_at", ELEMENTS},
	{"at", ELEMENTS},
	{"hops", ELEMENTS},
	{"crosses", ELEMENTS},
	{"never_crosses", ELEMENTS},
	{"src", "tags"},
	{"dst", "tags"},
	{"prefix", "tags"},
	{"resolve", ELEMENTS},
	{"by", ELEMENTS "|nsgs|route_tables"},
};

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

const char *sections_for(const char *path)
{
	char key[64];
	key_of(path, key, sizeof key);
	if (strcmp(key, "vip") == 0 && strncmp(path, "timeline", 8) != 0)
		return NULL; /* of an environment it is an address */
	if (strcmp(key, "dns") == 0)
		return strstr(path, "endpoints.") ? "vnets" : NULL; /* of hosts and apps: a name */
	if (strcmp(key, "from") == 0 && strncmp(path, "expect", 6) == 0)
		return ELEMENTS "|vnets";
	if (strcmp(key, "on") == 0 && strncmp(path, "flows.", 6) != 0)
		return NULL; /* of an app: workers */
	if ((strcmp(key, "at") == 0 && strncmp(path, "taps.", 5) != 0) ||
	    (strcmp(key, "to") == 0 && strncmp(path, "timeline", 8) == 0))
		return NULL; /* times, workers */
	for (size_t i = 0; i < sizeof references / sizeof *references; i++)
		if (strcmp(references[i].key, key) == 0)
			return references[i].sections;
	return strncmp(path, "network.", 8) == 0 ? plural_section(key) : NULL;
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
 * "HOST.VNET.internal.cloudapp.net". */
static const char *sections_of_label(const char *text, size_t piece)
{
	if (!strchr(text, '.'))
		return ELEMENTS;
	if (strstr(text, ".p.azurewebsites."))
		return piece == 1 ? "ases" : NULL;
	if (strstr(text, ".internal.cloudapp.net"))
		return piece == 0 ? "hosts" : piece == 1 ? "vnets" : NULL;
	return NULL;
}

size_t names_in(const struct token *token, struct name ret[MAX_NAMES])
{
	const char *sections = token->is_key ? defining_section(token) : sections_for(token->path);
	char key[64];
	size_t n = 0, piece = 0;
	if (!sections)
		return 0;
	key_of(token->path, key, sizeof key);
	/* Names are letters, digits, `_`, `.` and `-`; what stands between them divides: / : [ and the two hyphens of a
	 * link; of DNS names dots, too. */
	bool dns = !token->is_key && (strcmp(key, "resolve") == 0 || strstr(token->text, ".p.azurewebsites.") ||
				      strstr(token->text, ".internal.cloudapp.net"));
	const char *letters = dns ? DNS_LETTERS : NAME_LETTERS;
	for (const char *at = token->text; *at && n < MAX_NAMES;) {
		size_t length = strspn(at, letters);
		const char *two = length ? strstr(at, "--") : NULL;
		if (two && (size_t)(two - at) < length)
			length = (size_t)(two - at);
		const char *where = dns ? sections_of_label(token->text, piece++) : sections;
		if (where && length > 0 && length < sizeof ret[n].text) {
			memcpy(ret[n].text, at, length);
			ret[n].text[length] = '\0';
			ret[n].first = (unsigned)(at - token->text);
			ret[n].columns = (unsigned)length;
			ret[n].sections = where;
			n++;
		}
		at += length;
		at += *at != '\0' && (length == 0 || *at != '-');
		while (length > 0 && *at == '-')
			at++;
	}
	return n;
}
