/* umcl train --model meso4 and --model xception: networks on single crops. */
#ifndef UM_TOOLS_TRAIN_CROPS_H
#define UM_TOOLS_TRAIN_CROPS_H

#include "model/crop_net.h"

/** With argv[0] as getopt shall call it. Returns the exit code; -1: help was shown. */
int train_crops(int argc, char **argv, const char *made_by, const um_crop_net *net);

#endif
