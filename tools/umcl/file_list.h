/*
 * The files that a command is to work on: arguments, folders searched for videos, lists.
 */
#ifndef UM_TOOLS_FILE_LIST_H
#define UM_TOOLS_FILE_LIST_H

#include <stdbool.h>
#include <stddef.h>

typedef struct file_list {
    char **paths;
    size_t count, cap;
    size_t empty; /* folders without a video */
} file_list;

/**
 * Adds a path. A folder adds the videos below it (by their ending, sorted; links to folders are
 * not followed), and one without any is named on standard error as the command's complaint.
 * Anything else is taken as it is. False when memory is out.
 */
bool file_list_add(file_list *list, const char *command, const char *path);

/** Adds one path a line from a text file ("-": standard input). False: the list is unreadable. */
bool file_list_add_from(file_list *list, const char *command, const char *path);
void file_list_clear(file_list *list);

#endif
