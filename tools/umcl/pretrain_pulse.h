/* `umcl pretrain p`. */
#ifndef UM_TOOLS_PRETRAIN_PULSE_H
#define UM_TOOLS_PRETRAIN_PULSE_H

/** As a command, behind "pretrain" with the word "p"; `made_by` is the whole command line. */
int pretrain_pulse(int argc, char **argv, const char *made_by);

#endif
