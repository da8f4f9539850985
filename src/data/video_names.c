#include "data/video_names.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Length of the digits at `p`. */
static size_t digits(const char *p)
{
    return strspn(p, "0123456789");
}

static void take(char *out, const char *p, size_t n)
{
    memcpy(out, p, n);
    out[n] = '\0';
}

bool um_video_name_ffpp(um_video_name *out, const char *name)
{
    *out = (um_video_name){0};
    if (digits(name) != 3) return false;
    if (name[3] && (name[3] != '_' || digits(name + 4) != 3 || name[7])) return false;
    take(out->person, name, 3);
    take(out->group, name, 3);
    if (name[3]) take(out->source, name + 4, 3);
    return true;
}

bool um_video_name_dfd(um_video_name *out, const char *name)
{
    const char *scene = strstr(name, "__"), *mark;
    bool fake = digits(name) == 2 && name[2] == '_' && digits(name + 3) == 2;
    size_t n;

    *out = (um_video_name){0};
    if (!scene || digits(name) != 2 || scene != name + (fake ? 5 : 2)) return false;
    scene += 2;
    n = strspn(scene, "abcdefghijklmnopqrstuvwxyz_");
    mark = scene + n;
    if (fake) {
        /* The scene's last two underscores belong to the mark of eight characters. */
        if (n < 3 || memcmp(mark - 2, "__", 2) != 0) return false;
        if (strspn(mark, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != 8 || mark[8]) return false;
        n -= 2;
    } else if (*mark) {
        return false;
    }
    if (n == 0 || n > 64) return false;
    take(out->person, name, 2);
    if (fake) take(out->source, name + 3, 2);
    snprintf(out->group, sizeof out->group, "%s__%.*s", out->person, (int)n, scene);
    return true;
}

/* Length of "id12" at `p`, 0 if there is none. */
static size_t identity(const char *p)
{
    size_t n = p[0] == 'i' && p[1] == 'd' ? digits(p + 2) : 0;

    return n >= 1 && n <= 4 ? n + 2 : 0;
}

bool um_video_name_celebdf(um_video_name *out, const char *name)
{
    size_t a = identity(name), b = a && name[a] == '_' ? identity(name + a + 1) : 0;
    const char *number = name + (b ? a + 1 + b : a);

    *out = (um_video_name){0};
    if (a == 0) {
        if (digits(name) != 5 || name[5]) return false;
        take(out->group, name, 5);
        return true;
    }
    if (number[0] != '_' || digits(number + 1) != 4 || number[5]) return false;
    take(out->person, name, a);
    if (b) take(out->source, name + a + 1, b);
    snprintf(out->group, sizeof out->group, "%s%s", out->person, number);
    return true;
}

bool um_video_name_any(um_video_name *out, const char *name)
{
    return um_video_name_ffpp(out, name) || um_video_name_dfd(out, name) ||
           um_video_name_celebdf(out, name);
}

bool um_file_stem(char out[256], const char *file, const char *ending)
{
    size_t n = strlen(file), m = strlen(ending);

    if (n <= m || n - m >= 256 || strcasecmp(file + n - m, ending) != 0) return false;
    take(out, file, n - m);
    return true;
}
