/* Terraform: the source of the next step. */
#include "import/import.h"
void terraform_read(struct import *import, struct input *input)
{
	(void)import;
	(void)input;
}
