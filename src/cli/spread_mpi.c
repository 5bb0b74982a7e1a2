/* Cases on the ranks of an MPI job. Rank 0 plans, keeps the ledger and writes all output; the others ask it for a case, do it and send the record
 * back, as fast as each can. Before a case goes out the journal in the work's directory has a line with its name and the rank: where a rank dies,
 * mpirun ends all of them, and the last lines say what was out. What was done is in the ledger; --resume goes on with the rest. */
#include "cli/work.h"
#include <fcntl.h>
#include <inttypes.h>
#include <mpi.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TAG_CASE = 1, TAG_HEAD, TAG_RECORD };
#define NO_CASE UINT64_MAX
#define JOURNAL_NAME "journal"

struct head { /* of an answer */
	uint64_t i, duration_ns, bytes;
};

static int rank_of(void)
{
	int rank = 0;
	(void)MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	return rank;
}

/* ---- the program ---- */

int spread_begin(int *argc, char ***argv)
{
	if (MPI_Init(argc, argv) != MPI_SUCCESS)
		return -1;
	/* All ranks read the same command line; one of them says what there is to say. */
	if (rank_of() == 0)
		return 0;
	int fd = open("/dev/null", O_WRONLY);
	return fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0 ? -1 : 0;
}

bool spread_is_helper(void)
{
	return rank_of() != 0;
}

/* Each rank says its status, and whether it goes on; all hear the worst, and whether one goes on. A mistake of the command
 * line meets all ranks, a directory that cannot be made rank 0 alone, a file that is missing on its machine perhaps a
 * helper alone: so all agree before the first case goes out, and again at the end. None ends before the others have heard
 * of it, and rank 0 has said what there is to say. */
static int agree(int status, bool goes_on, bool *ret_one_goes_on)
{
	int mine[2] = {status, goes_on}, all[2] = {status, goes_on};
	(void)MPI_Allreduce(mine, all, 2, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
	*ret_one_goes_on = all[1] != 0;
	return all[0];
}

/* mpirun's exit status is then that of all ranks. */
int spread_end(int status)
{
	bool one_goes_on;
	(void)fflush(stdout);
	(void)fflush(stderr);
	do
		status = agree(status, false, &one_goes_on);
	while (one_goes_on);
	(void)MPI_Finalize();
	return status;
}

/* ---- helpers ---- */

static int help(const struct spread *spread)
{
	for (;;) {
		uint64_t i;
		(void)MPI_Recv(&i, 1, MPI_UINT64_T, 0, TAG_CASE, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		if (i == NO_CASE)
			return STATUS_OK;
		int64_t begun_ns = clock_ns();
		char *record = spread->work->run(spread->work->context, (size_t)i);
		struct head head = {i, (uint64_t)(clock_ns() - begun_ns), record ? strlen(record) + 1 : 0};
		(void)MPI_Send(&head, 3, MPI_UINT64_T, 0, TAG_HEAD, MPI_COMM_WORLD);
		if (record)
			(void)MPI_Send(record, (int)head.bytes, MPI_CHAR, 0, TAG_RECORD, MPI_COMM_WORLD);
		free(record);
	}
}

/* ---- rank 0 ---- */

struct office {
	const struct spread *spread;
	FILE *journal;
	char *journal_path;
	size_t next, n_out;
	int status;
};

static void give(struct office *office, int rank)
{
	const struct spread *spread = office->spread;
	uint64_t i = NO_CASE;
	if (office->status == STATUS_OK && office->next < spread->n && !signals_caught()) {
		i = spread->todo[office->next++];
		office->n_out++;
		char *name = office->journal ? spread->work->name(spread->work->context, (size_t)i) : NULL;
		if (name) {
			fprintf(office->journal, "%d\t%s\n", rank, name);
			(void)fflush(office->journal);
		}
		free(name);
	}
	(void)MPI_Send(&i, 1, MPI_UINT64_T, rank, TAG_CASE, MPI_COMM_WORLD);
}

static void take(struct office *office)
{
	struct head head;
	MPI_Status from;
	(void)MPI_Recv(&head, 3, MPI_UINT64_T, MPI_ANY_SOURCE, TAG_HEAD, MPI_COMM_WORLD, &from);
	char *record = head.bytes ? malloc((size_t)head.bytes) : NULL;
	if (head.bytes && !record)
		(void)MPI_Abort(MPI_COMM_WORLD, STATUS_SYSTEM);
	if (record)
		(void)MPI_Recv(record, (int)head.bytes, MPI_CHAR, from.MPI_SOURCE, TAG_RECORD, MPI_COMM_WORLD,
			       MPI_STATUS_IGNORE);
	office->n_out--;
	int status = record ? office->spread->done(office->spread->context, (size_t)head.i, record,
						   (int64_t)head.duration_ns)
			    : STATUS_SYSTEM;
	office->status = status > office->status ? status : office->status;
	give(office, from.MPI_SOURCE);
}

/* Alone there is nothing to give out. */
static int do_all(const struct spread *spread)
{
	int status = STATUS_OK;
	for (size_t k = 0; status == STATUS_OK && k < spread->n && !signals_caught(); k++) {
		int64_t begun_ns = clock_ns();
		char *record = spread->work->run(spread->work->context, spread->todo[k]);
		status = record ? spread->done(spread->context, spread->todo[k], record, clock_ns() - begun_ns)
				: STATUS_SYSTEM;
	}
	return signals_caught() ? STATUS_SYSTEM : status;
}

int work_spread(const struct spread *spread)
{
	struct office office = {.spread = spread};
	int n_ranks = 1;
	bool one_goes_on;
	int status = agree(STATUS_OK, true, &one_goes_on);
	if (status != STATUS_OK)
		return status;
	if (spread_is_helper())
		return help(spread);
	(void)MPI_Comm_size(MPI_COMM_WORLD, &n_ranks);
	if (n_ranks == 1)
		return do_all(spread);
	if (spread->work->directory) {
		office.journal_path = path_in(spread->work->directory, JOURNAL_NAME);
		office.journal = office.journal_path ? fopen(office.journal_path, "we") : NULL;
		if (!office.journal) {
			fprintf(stderr, "pktpath: cannot write the journal in %s\n", spread->work->directory);
			office.status = STATUS_SYSTEM;
		}
	}
	for (int rank = 1; rank < n_ranks; rank++)
		give(&office, rank);
	while (office.n_out > 0)
		take(&office);
	if (office.journal)
		(void)fclose(office.journal);
	bool all = office.status == STATUS_OK && office.next == spread->n;
	if (all && office.journal_path)
		(void)unlink(office.journal_path);
	free(office.journal_path);
	return all ? STATUS_OK : office.status != STATUS_OK ? office.status : STATUS_SYSTEM;
}
