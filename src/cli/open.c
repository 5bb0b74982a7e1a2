/* pktpath open: a capture in Wireshark, with pktpath's profile, or the page about a run in a browser.
 *
 * DOC: the profile is the one that Wireshark finds by its name. Where it finds none, the files of the profile that
 * belong to this program are copied into the user's own profiles, which is where Wireshark looks. */
#include "cli/cli.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROFILE "pktpath"

struct open_options {
	uint64_t packet; /* 0: none */
	bool print;
};

static bool is_directory(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* ---- the profile ---- */

static const char *const profile_files[] = {"preferences", "recent", "colorfilters", "dfilter_buttons"};

/* Where the profile of this program is: beside its installation, or in a checkout around the build directory. */
static char *own_profile(void)
{
	static const char *const places[] = {"../share/wireshark/profiles/" PROFILE,
					     "../../../share/wireshark/profiles/" PROFILE};
	char program[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
	if (n <= 0)
		return NULL;
	program[n] = '\0';
	char *slash = strrchr(program, '/');
	*(slash ? slash : program) = '\0';
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		char *path = formatted("%s/%s", program, places[i]);
		if (path && is_directory(path))
			return path;
		free(path);
	}
	return NULL;
}

static char *profiles_of_user(void)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	if (config && *config)
		return formatted("%s/wireshark/profiles", config);
	return formatted("%s/.config/wireshark/profiles", home && *home ? home : ".");
}

static bool is_installed(const char *of_user)
{
	static const char *const places[] = {"/usr/share/wireshark/profiles/" PROFILE,
					     "/usr/local/share/wireshark/profiles/" PROFILE};
	char *own = formatted("%s/" PROFILE, of_user);
	bool found = own && is_directory(own);
	free(own);
	for (size_t i = 0; !found && i < sizeof places / sizeof *places; i++)
		found = is_directory(places[i]);
	return found;
}

static int copy_file(const char *from, const char *to)
{
	char block[16384];
	FILE *in = input_file(from), *out = in ? fopen(to, "we") : NULL;
	size_t n;
	int r = out ? 0 : -errno;
	while (r == 0 && (n = fread(block, 1, sizeof block, in)) > 0)
		r = fwrite(block, 1, n, out) == n ? 0 : -errno;
	if (out && fclose(out) != 0)
		r = -errno;
	if (in)
		(void)fclose(in);
	return r;
}

static int make_directories(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(path, 0777);
		*slash = '/';
	}
	return mkdir(path, 0777) < 0 && errno != EEXIST ? -errno : 0;
}

static int install_profile(const char *from, const char *of_user)
{
	char *to = formatted("%s/" PROFILE, of_user);
	int r = to ? make_directories(to) : -ENOMEM;
	for (size_t i = 0; r == 0 && i < sizeof profile_files / sizeof *profile_files; i++) {
		char *source = formatted("%s/%s", from, profile_files[i]),
		     *target = formatted("%s/%s", to, profile_files[i]);
		r = source && target ? copy_file(source, target) : -ENOMEM;
		free(source);
		free(target);
	}
	if (r == 0)
		fprintf(stderr, "pktpath: Wireshark's profile `" PROFILE "` is now in %s\n", to);
	free(to);
	return r;
}

/* Whether Wireshark will find the profile. */
static bool provide_profile(bool install)
{
	char *of_user = profiles_of_user(), *from = own_profile();
	bool found = of_user && is_installed(of_user);
	if (!found && from && of_user)
		found = !install || install_profile(from, of_user) == 0;
	free(from);
	free(of_user);
	return found;
}

/* ---- starting ---- */

static int start(const char *const *words, size_t n, bool print)
{
	if (print) {
		for (size_t i = 0; i < n; i++) {
			fputs(i > 0 ? " " : "", stdout);
			print_word(stdout, words[i]);
		}
		putchar('\n');
		return STATUS_OK;
	}
	flush_output();
	char *copies[16] = {0};
	for (size_t i = 0; i < n && i < 15; i++)
		copies[i] = strdup(words[i]);
	if (copies[0])
		(void)execvp(copies[0], copies);
	int error = errno;
	fprintf(stderr, "pktpath: open: %s: %s\n", words[0], strerror(error));
	if (error == ENOENT)
		print_hint("install it, or open the file by other means: %s", words[n - 1]);
	for (size_t i = 0; i < n && i < 15; i++)
		free(copies[i]);
	return STATUS_SYSTEM;
}

static int open_capture(const char *path, const struct open_options *options)
{
	const char *words[8] = {"wireshark"};
	size_t n = 1;
	char filter[64];
	if (provide_profile(!options->print)) {
		words[n++] = "-C";
		words[n++] = PROFILE;
	}
	if (options->packet > 0) {
		(void)snprintf(filter, sizeof filter, "frame.packet_id == %" PRIu64, options->packet);
		words[n++] = "-J";
		words[n++] = filter;
	}
	words[n++] = "-r";
	words[n++] = path;
	return start(words, n, options->print);
}

static int open_page(const char *directory, const struct open_options *options)
{
	char *page = formatted("%s/report.html", directory);
	int status = page ? STATUS_OK : STATUS_SYSTEM;
	if (page && access(page, F_OK) != 0)
		status = make_page(directory, true);
	if (status == STATUS_OK)
		status = start((const char *[]){"xdg-open", page}, 2, options->print);
	free(page);
	return status;
}

static bool has_ending(const char *path, const char *ending)
{
	size_t n = strlen(path), n_ending = strlen(ending);
	return n >= n_ending && strcmp(path + n - n_ending, ending) == 0;
}

static int open_path(const struct command *command, const char *path, const struct open_options *options)
{
	if (is_directory(path)) {
		if (options->packet > 0)
			return usage_error(command, "--packet is for a capture, and %s is a directory", path);
		return open_page(path, options);
	}
	if (access(path, R_OK) != 0) {
		fprintf(stderr, "pktpath: %s: %s\n", path, strerror(errno));
		print_absent_file(path);
		return STATUS_SYSTEM;
	}
	if (has_ending(path, ".html") || has_ending(path, ".svg"))
		return start((const char *[]){"xdg-open", path}, 2, options->print);
	if (has_ending(path, ".yaml") || has_ending(path, ".yml")) {
		print_error("pktpath open", "%s is a scenario, no output of a run", path);
		print_hint("pktpath run %s", path);
		return STATUS_USAGE;
	}
	return open_capture(path, options);
}

enum { OPTION_PACKET = 256, OPTION_PRINT };

int command_open(const struct command *command, int argc, char **argv)
{
	static const struct option known[] = {{"packet", required_argument, NULL, OPTION_PACKET},
					      {"print", no_argument, NULL, OPTION_PRINT},
					      {"help", no_argument, NULL, 'h'},
					      {NULL, 0, NULL, 0}};
	struct open_options options = {0};
	int c;
	while ((c = getopt_long(argc, argv, ":h", known, NULL)) != -1) {
		switch (c) {
		case 'h':
			print_command_help(command);
			return STATUS_OK;
		case OPTION_PRINT:
			options.print = true;
			break;
		case OPTION_PACKET:
			if (!parse_number(optarg, INT64_MAX, &options.packet) || options.packet == 0)
				return usage_error(command, "--packet takes a number from 1 on, not `%s`", optarg);
			break;
		default:
			return option_error(command, c, argv, known);
		}
	}
	if (argc - optind != 1)
		return usage_error(command,
				   argc == optind ? "which capture, or which directory of a run?" : "it takes one");
	return open_path(command, argv[optind], &options);
}
