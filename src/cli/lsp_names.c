/* Names of a scenario in its text: a value such as "ase-one/web:443/tcp" or "guard" has pieces that name what stands elsewhere; the key
 * "guard" below network.nsgs defines one. Which sections a value may name follows from its key. */
#include "cli/lsp.h"
#include <string.h>

#define ELEMENTS "network.ases|network.hosts|network.sites|network.nat_gateways"
#define DNS_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

static const struct {
	const char *key, *sections;
} references[] = {
	{"nsg", "network.nsgs"},
	{"routes", "network.route_tables"},
	{"route", "network.route_tables"},
	{"peers", "network.vnets"},
	{"vnet", "network.vnets"},
	{"region", "network.regions"},
	{"subnet", "network.vnets"},
	{"nat_gateway", "network.nat_gateways"},
	{"from", ELEMENTS},
	{"to", ELEMENTS},
	{"scale", "network.ases"},
	{"move", "network.ases"},
	{"vip", "network.ases"},
	{"ase", "network.ases"},
	{"health", "network.ases"},
	{"stop", "network.ases|network.hosts"},
	{"start", "network.ases|network.hosts"},
	{"link", ELEMENTS},
	{"next_hop", "network.hosts"},
	{"flow", "flows"},
	{"on", "flows"},
	{"nat", ELEMENTS},
	{"seen_at", ELEMENTS},
	{"at", ELEMENTS},
	{"hops", ELEMENTS},
	{"crosses", ELEMENTS},
	{"never_crosses", ELEMENTS},
	{"resolve", ELEMENTS},
	{"by", ELEMENTS "|network.nsgs|network.route_tables"},
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

const char *sections_for(const char *path)
{
	char key[64];
	key_of(path, key, sizeof key);
	if (strcmp(key, "vip") == 0 && strncmp(path, "timeline", 8) != 0)
		return NULL; /* of an environment it is an address */
	if (strcmp(key, "on") == 0 && strncmp(path, "flows.", 6) != 0)
		return NULL; /* of an app: workers */
	if ((strcmp(key, "at") == 0 && strncmp(path, "taps.", 5) != 0) ||
	    (strcmp(key, "to") == 0 && strncmp(path, "timeline", 8) == 0))
		return NULL; /* times, workers */
	for (size_t i = 0; i < sizeof references / sizeof *references; i++)
		if (strcmp(references[i].key, key) == 0)
			return references[i].sections;
	return NULL;
}

static bool has_section(const char *sections, const char *path, size_t n)
{
	while (*sections) {
		size_t length = strcspn(sections, "|");
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

static const char *defining_section(const struct token *token)
{
	static const char *const sections[] = {"network.ases",  "network.hosts",        "network.sites",
					       "network.nsgs",  "network.nat_gateways", "network.route_tables",
					       "network.vnets", "network.regions",      "flows"};
	size_t n = path_before(token);
	for (size_t i = 0; token->is_key && i < sizeof sections / sizeof *sections; i++)
		if (strlen(sections[i]) == n && strncmp(sections[i], token->path, n) == 0)
			return sections[i];
	return NULL;
}

/* Of a DNS name that follows from names of the file the pieces that do; NULL for others: "APP.ENVIRONMENT.p.azurewebsites.cn",
 * "HOST.VNET.internal.cloudapp.net". */
static const char *sections_of_label(const char *text, size_t piece)
{
	if (!strchr(text, '.'))
		return ELEMENTS;
	if (strstr(text, ".p.azurewebsites."))
		return piece == 1 ? "network.ases" : NULL;
	if (strstr(text, ".internal.cloudapp.net"))
		return piece == 0 ? "network.hosts" : piece == 1 ? "network.vnets" : NULL;
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
