/* `umcl train-face detector`. */
#ifndef UM_TOOLS_TRAIN_DETECTOR_H
#define UM_TOOLS_TRAIN_DETECTOR_H

/** As a command, behind the word "detector"; `made_by` is the whole command line. */
int train_detector(int argc, char **argv, const char *made_by);

#endif
