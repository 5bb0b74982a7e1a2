/* Templates and Terraform: the sources of the next steps. */
#include "import/import.h"
void arm_read_all(struct import *import)
{
	(void)import;
}
void terraform_read(struct import *import, struct input *input)
{
	(void)import;
	(void)input;
}
