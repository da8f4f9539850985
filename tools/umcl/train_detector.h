/* `umcl train-face detector`. */
#ifndef UM_TOOLS_TRAIN_DETECTOR_H
#define UM_TOOLS_TRAIN_DETECTOR_H

/** `argv[0]` is "detector"; `made_by` is the whole command line. Returns the exit code. */
int train_detector(int argc, char **argv, const char *made_by);

#endif
