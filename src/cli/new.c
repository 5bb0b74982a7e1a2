/* pktpath new: a first scenario to begin with, commented. It runs, and all that it expects holds. */
#include "cli/cli.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

static const char text[] =
	"# A first scenario. Run it:      pktpath run THIS-FILE\n"
	"# Ask why a call went its way:   pktpath explain THIS-FILE call-out\n"
	"# All keys:                      man pktpath-scenario\n"
	"# Completion in editors:         pktpath schema >pktpath.json, and as the first line here\n"
	"#                                # yaml-language-server: $schema=pktpath.json\n"
	"scenario: 1\n"
	"name: first\n"
	"about: An app calls a host on the Internet and a database in its virtual network; a visitor calls the app.\n"
	"\n"
	"network:\n"
	"  vnets:\n"
	"    contoso:\n"
	"      space: [10.0.0.0/16]\n"
	"      subnets:\n"
	"        ase: {cidr: 10.0.1.0/26}\n"
	"        data: {cidr: 10.0.2.0/24, nsg: database}\n"
	"  nsgs:\n"
	"    database:\n"
	"      inbound:                       # the lowest number is asked first; the first rule that matches decides\n"
	"        - {name: apps, priority: 100, action: allow, proto: tcp, src: 10.0.1.0/26, dst_ports: 1433}\n"
	"        - {name: deny-rest, priority: 200, action: deny}\n"
	"  ases:\n"
	"    ase-one:                         # front ends take 10.0.1.4 and .5, workers .6 and .7\n"
	"      subnet: contoso/ase\n"
	"      vip: 192.23.1.2\n"
	"      apps: {web: {}}                # listens on 80 and 443, on all workers\n"
	"  hosts:\n"
	"    sql: {subnet: contoso/data, ip: 10.0.2.10, listen: [1433/tcp]}\n"
	"    api: {internet: true, ip: 203.0.113.10, listen: [443/tcp], dns: api.example.net}\n"
	"    visitor: {internet: true, ip: 198.51.100.7}\n"
	"\n"
	"flows:\n"
	"  call-out: {from: ase-one/web, to: \"api:443/tcp\"}\n"
	"  call-sql: {from: ase-one/web, to: \"sql:1433/tcp\", at: 1s}\n"
	"  visit: {from: visitor, to: \"ase-one/web:443/tcp\", at: 2s, dns: true}\n"
	"  intruder: {from: visitor, to: \"10.0.2.10:1433/tcp\", at: 3s}\n"
	"\n"
	"expect:\n"
	"  - {flow: call-out, outcome: delivered, seen_at: api, src: 192.23.1.2}        # outside sees the VIP\n"
	"  - {flow: call-sql, outcome: delivered, seen_at: sql, src_in: 10.0.1.0/26}    # inside sees the worker\n"
	"  - {flow: visit, outcome: delivered, seen_at: ase-one/vip, dst: 192.23.1.2}\n"
	"  - {flow: intruder, outcome: timed_out, reason: no-route}                     # a private address leads "
	"nowhere from outside\n";

/* Never over a file that is there. */
static int write_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0) {
		fprintf(stderr, "pktpath: %s: %s%s\n", path, strerror(errno),
			errno == EEXIST ? "; choose another name" : "");
		return errno == EEXIST ? STATUS_USAGE : STATUS_SYSTEM;
	}
	size_t done = 0;
	while (done < sizeof text - 1) {
		ssize_t n = write(fd, text + done, sizeof text - 1 - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	if (close(fd) == 0 && done == sizeof text - 1) {
		printf("%s\nnext: ", path);
		print_program(stdout);
		fputs(" run ", stdout);
		print_word(stdout, path);
		putchar('\n');
		return STATUS_OK;
	}
	fprintf(stderr, "pktpath: %s: %s; the file was removed\n", path, strerror(errno));
	(void)unlink(path);
	return STATUS_SYSTEM;
}

int command_new(const struct command *command, int argc, char **argv)
{
	static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	int c;
	while ((c = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		if (c != 'h')
			return option_error(command, c, argv, options);
		print_command_help(command);
		return STATUS_OK;
	}
	if (argc - optind > 1)
		return usage_error(command, "it takes one file");
	if (argc - optind == 1)
		return write_file(argv[optind]);
	fputs(text, stdout);
	return STATUS_OK;
}
