/*
 * Celeb-DF's List_of_testing_videos.txt: one video a line, "1 Celeb-real/id1_0007.mp4". There 1 is
 * real and 0 is fake; here fake is 1.
 */
#ifndef UM_DATA_CELEBDF_LIST_H
#define UM_DATA_CELEBDF_LIST_H

#include <stddef.h>

#include "base/names.h"
#include "base/status.h"

typedef struct um_celebdf_list {
    um_names videos;  /* "celeb-real/id1_0007.mp4": folder in small letters, no level "videos" */
    um_names crossed; /* entries whose label contradicts their folder */
} um_celebdf_list;

/** `name` is for messages. UMCL_ERR_FORMAT names the line that is none. */
umcl_status um_celebdf_list_parse(um_celebdf_list *out, const char *name, const void *bytes,
                                  size_t n);
umcl_status um_celebdf_list_read(um_celebdf_list *out, const char *path);
void um_celebdf_list_clear(um_celebdf_list *list);

#endif
