/*
 * Messages for people. The library never prints: it hands a message to the callback, if one is set.
 */
#ifndef UM_BASE_LOG_H
#define UM_BASE_LOG_H

typedef enum um_log_level { UM_LOG_DEBUG, UM_LOG_INFO, UM_LOG_WARNING } um_log_level;

typedef void (*um_log_fn)(void *user, um_log_level level, const char *message);

/** Sets the process-wide callback; NULL (the default) discards messages. Called from any thread. */
void um_log_set(um_log_fn fn, void *user);

void um_log(um_log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
