/* nat.csv: a line for each mapping of each NAT, when it ended. */
#ifndef PKTPATH_OUT_NAT_CSV_H
#define PKTPATH_OUT_NAT_CSV_H
#include "base/time.h"
#include "net/tuple.h"
#include "out/writer.h"
#include <stdint.h>

#define NAT_CSV_FILE "nat.csv"

struct nat_csv_line {
	const char *nat;     /* "ase-one/vip" */
	struct tuple inside; /* as the inside host sends it */
	be32 outside_addr;
	uint16_t outside_port;
	struct instant created, last_used, ended; /* ended NEVER: still live, the column is empty */
	const char *why;                          /* NULL while live: the column is empty */
	uint64_t packets, bytes;
	const char *flow;  /* the flow whose packet made it, */
	uint32_t index;    /* the number of its connection, */
	bool repeated;     /* which is written where the flow is repeated; */
	const char *app;   /* that called, "ase-one/web"; NULL where none did; */
	const char *timer; /* the key of the timer under which it stood at its end: "tcp_idle" */
};

/* Opens the file and writes its heading. 0 or a negative errno of the output. */
int nat_csv_open(struct output *output, struct output_file **ret);
int nat_csv_write(struct output_file *file, const struct nat_csv_line *line);
#endif
