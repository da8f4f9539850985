/* umcl train --model lrnet, and umcl pretrain l, which is the same training. */
#ifndef UM_TOOLS_TRAIN_LRNET_H
#define UM_TOOLS_TRAIN_LRNET_H

/**
 * `command`: "train", or "pretrain l", for help and complaints. With argv[0] as getopt shall call
 * it. Returns the exit code; -1: help was shown.
 */
int train_lrnet(int argc, char **argv, const char *command, const char *made_by);

#endif
