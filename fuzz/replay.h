/* What every fuzz_<name>.c defines. */
#ifndef UM_FUZZ_REPLAY_H
#define UM_FUZZ_REPLAY_H

#include <stddef.h>
#include <stdint.h>

/** Feeds one input to the reader under test; returns 0. Bytes are borrowed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
