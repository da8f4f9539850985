/* umcl train --model meso4. */
#ifndef UM_TOOLS_TRAIN_MESO4_H
#define UM_TOOLS_TRAIN_MESO4_H

/** With argv[0] as getopt shall call it. Returns the exit code; -1: help was shown. */
int train_meso4(int argc, char **argv, const char *made_by);

#endif
