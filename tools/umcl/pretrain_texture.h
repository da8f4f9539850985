/* `umcl pretrain x`. */
#ifndef UM_TOOLS_PRETRAIN_TEXTURE_H
#define UM_TOOLS_PRETRAIN_TEXTURE_H

/** As a command, behind "pretrain" with the word "x"; `made_by` is the whole command line. */
int pretrain_texture(int argc, char **argv, const char *made_by);

#endif
