/* Any bytes as an input of an import: a document, and a capture in pieces of any size. An import says what is wrong, or
 * gives a scenario that the loader takes; nothing else happens.
 *
 *   clang -fsanitize=fuzzer,address,undefined ...      as a fuzzer; tests/import/cases is its corpus
 *   otherwise                                          a program that reads files, and tries changes of each, the same ones
 *                                                      every time */
#include <dirent.h>
#include <pktpath/tools.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds, const char *what)
{
	if (holds)
		return;
	(void)fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

static void check_result(pp_import *import, int r)
{
	if (r == 0)
		r = pp_import_finish(import);
	check(r == 0 || r == 1, "an import is sound or wrong");
	if (r == 1) {
		check(pp_import_n_diagnostics(import) > 0, "what is wrong is said");
		return;
	}
	size_t bytes;
	pp_scenario *scenario;
	const char *text = pp_import_text(import, &bytes);
	check(text && bytes == strlen(text), "there is a scenario");
	check(pp_scenario_load_text("import.yaml", text, bytes, NULL, 0, &scenario) == 0, "the loader takes it");
	pp_scenario_free(scenario);
	for (size_t i = 0; i < pp_import_n_items(import); i++) {
		pp_imported item;
		pp_import_item(import, i, &item);
		check(item.what && strlen(item.pointer) < sizeof item.pointer, "each item says something");
	}
}

static void count_difference(void *context, const pp_imported_difference *difference)
{
	check(difference->what && *difference->what, "a difference says what differs");
	++*(size_t *)context;
}

/* Effective routes and rules, held against a small network. */
static void as_answer(const uint8_t *data, size_t size)
{
	static const char network[] =
		"[{\"id\": \"/subscriptions/1/resourceGroups/a/providers/Microsoft.Network/virtualNetworks/v\", "
		"\"addressSpace\": {\"addressPrefixes\": [\"10.0.0.0/24\"]}, \"subnets\": [{\"name\": \"s\", "
		"\"addressPrefix\": \"10.0.0.0/24\", \"networkSecurityGroup\": {\"id\": "
		"\"/subscriptions/1/resourceGroups/a/providers/Microsoft.Network/networkSecurityGroups/g\"}}]}, "
		"{\"id\": \"/subscriptions/1/resourceGroups/a/providers/Microsoft.Network/networkSecurityGroups/g\", "
		"\"securityRules\": [{\"name\": \"r\", \"priority\": 100, \"direction\": \"Inbound\", \"access\": "
		"\"Allow\", \"protocol\": \"Tcp\", \"sourceAddressPrefix\": \"*\", \"sourcePortRange\": \"*\", "
		"\"destinationAddressPrefix\": \"*\", \"destinationPortRange\": \"443\"}]}]";
	pp_import *import = pp_import_new();
	size_t n = 0;
	if (import && pp_import_add(import, "network.json", network, sizeof network - 1) == 0 &&
	    pp_import_finish(import) == 0) {
		int r = pp_import_against(import, "fuzz.json", (const char *)data, size, count_difference, &n);
		check(r == 0 || r == 1, "an answer is one, or is not");
	}
	pp_import_free(import);
}

static void as_document(const uint8_t *data, size_t size)
{
	pp_import *import = pp_import_new();
	if (import)
		check_result(import, pp_import_add(import, "fuzz.json", (const char *)data, size));
	pp_import_free(import);
}

static void as_capture(const uint8_t *data, size_t size, size_t piece)
{
	pp_import *import = pp_import_new();
	int r = 0;
	if (!import)
		return;
	for (size_t at = 0; r == 0 && at < size; at += piece)
		r = pp_import_feed(import, "fuzz.pcap", data + at, size - at < piece ? size - at : piece);
	check_result(import, r == 0 ? pp_import_feed(import, "fuzz.pcap", "", 0) : r);
	pp_import_free(import);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 0 && (data[0] == '{' || data[0] == '[' || data[0] == '/')) {
		as_document(data, size);
		as_answer(data, size);
		return 0;
	}
	as_capture(data, size, size + 1);
	as_capture(data, size, 1 + size % 97);
	return 0;
}

#ifndef FUZZER
#define CHANGES 40u /* of each file */

/* Cuts it, changes some bytes, or repeats a part. */
static void try_change(const uint8_t *data, size_t size, uint64_t seed)
{
	uint8_t *copy = malloc(size ? size : 1);
	if (!copy)
		exit(1);
	memcpy(copy, data, size);
	for (unsigned i = 0; size > 0 && i < 1 + seed % 4; i++) {
		seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		copy[(seed >> 33) % size] = (uint8_t)(seed >> 24);
	}
	(void)LLVMFuzzerTestOneInput(copy, seed % 3 == 0 ? size - size * (size_t)(seed >> 40 & 63) / 64 : size);
	free(copy);
}

static unsigned n_files;

static void read_file(const char *path, size_t size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(size ? size : 1);
	if (!file || !data)
		exit(1);
	size = fread(data, 1, size, file);
	(void)fclose(file);
	(void)LLVMFuzzerTestOneInput(data, size);
	for (unsigned i = 0; i < CHANGES; i++)
		try_change(data, size, UINT64_C(2654435761) * (i + 1) + size);
	free(data);
	n_files++;
}

static void read_path(const char *path, unsigned depth)
{
	struct stat st;
	if (stat(path, &st) != 0 || depth > 4)
		return;
	if (S_ISREG(st.st_mode)) {
		if (st.st_size < 1 << 20)
			read_file(path, (size_t)st.st_size);
		return;
	}
	DIR *directory = opendir(path);
	struct dirent *entry;
	while (directory && (entry = readdir(directory))) {
		char below[4096];
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
		read_path(below, depth + 1);
	}
	if (directory)
		(void)closedir(directory);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		read_path(argv[i], 0);
	printf("%u files, %u changes of each\n", n_files, CHANGES);
	return n_files > 0 ? 0 : 1;
}
#endif
