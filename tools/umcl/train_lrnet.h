/* umcl train --model lrnet. */
#ifndef UM_TOOLS_TRAIN_LRNET_H
#define UM_TOOLS_TRAIN_LRNET_H

/** With argv[0] as getopt shall call it. Returns the exit code; -1: help was shown. */
int train_lrnet(int argc, char **argv, const char *made_by);

#endif
