#include "file_list.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static const char *const endings[] = {"mp4",  "mov", "mkv", "webm", "avi", "m4v", "mpg",
                                      "mpeg", "ts",  "flv", "wmv",  "3gp", "ogv", "y4m"};

static bool is_video_name(const char *name)
{
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot && i < sizeof endings / sizeof endings[0]; i++)
        if (!strcasecmp(dot + 1, endings[i])) return true;
    return false;
}

static bool push(file_list *list, char *path)
{
    if (!path) return false;
    if (list->count == list->cap) {
        size_t cap = list->cap ? 2 * list->cap : 64;
        char **more = realloc(list->paths, cap * sizeof *more);
        if (!more) {
            free(path);
            return false;
        }
        list->paths = more;
        list->cap = cap;
    }
    list->paths[list->count++] = path;
    return true;
}

static char *join(const char *folder, const char *name)
{
    size_t n = strlen(folder), room = n + strlen(name) + 2;
    char *path = malloc(room);

    if (path) snprintf(path, room, "%s%s%s", folder, n && folder[n - 1] == '/' ? "" : "/", name);
    return path;
}

static bool add_folder(file_list *list, const char *folder)
{
    struct dirent **entries;
    int n = scandir(folder, &entries, NULL, alphasort);
    bool good = true;

    if (n < 0) return push(list, strdup(folder)); /* the command will say why it is unreadable */
    for (int i = 0; i < n; i++) {
        const char *name = entries[i]->d_name;
        struct stat info;
        char *path = good && name[0] != '.' ? join(folder, name) : NULL;
        if (path && lstat(path, &info) == 0 && S_ISDIR(info.st_mode))
            good = add_folder(list, path);
        else if (path && is_video_name(name))
            good = push(list, strdup(path));
        free(path);
        free(entries[i]);
    }
    free(entries);
    return good;
}

bool file_list_add(file_list *list, const char *command, const char *path)
{
    size_t before = list->count;
    struct stat info;

    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode)) return push(list, strdup(path));
    if (!add_folder(list, path)) return false;
    if (list->count == before) {
        fprintf(stderr, "umcl %s: %s: expected videos, found none in this folder\n", command, path);
        list->empty++;
    }
    return true;
}

bool file_list_add_from(file_list *list, const char *command, const char *path)
{
    bool standard = !strcmp(path, "-"), good = true;
    FILE *f = standard ? stdin : fopen(path, "r");
    char *line = NULL;
    size_t room = 0;
    ssize_t n;

    if (!f) return false;
    while (good && (n = getline(&line, &room, f)) >= 0) {
        while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r')) line[--n] = '\0';
        if (n > 0) good = file_list_add(list, command, line);
    }
    good = good && !ferror(f);
    free(line);
    if (!standard) fclose(f);
    return good;
}

void file_list_clear(file_list *list)
{
    for (size_t i = 0; i < list->count; i++) free(list->paths[i]);
    free(list->paths);
    *list = (file_list){0};
}
