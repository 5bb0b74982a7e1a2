/* The ways out of a subnet as a table for docs/model.md, from the program's own table: what comes before them, and each
 * in its order. */
#include "network/drive.h"
#include <stdio.h>

int main(void)
{
	printf("| | way | has it |\n| --- | --- | --- |\n");
	printf("| 1 | a route to an appliance, a firewall or a gateway | a user's route, or a 0.0.0.0/0 that a gateway "
	       "teaches |\n");
	const struct way_out *const *ways = machine_ways_out();
	for (size_t i = 0; ways[i]; i++)
		printf("| %zu | %s | %s |\n", i + 2, ways[i]->name, ways[i]->who);
	return 0;
}
