// Dropout: values in, some of them zero and the rest scaled up out. Which ones is decided by a hash
// of their place, so that the way back tosses the same coins again and nothing is kept.
#pragma once

#include "steps.h"
#include "vector.h"

namespace hangtag::HANGTAG_ISA {

// "lowbias32", found by exhaustive search (https://github.com/skeeto/hash-prospector).
inline uint32_t mixed(uint32_t bits) {
  bits = (bits ^ (bits >> 16)) * 0x7FEB352Du;
  bits = (bits ^ (bits >> 15)) * 0x846CA68Bu;
  return bits ^ (bits >> 16);
}

inline void drop(const Dropping& rule, const float* __restrict from, float* __restrict to,
                 int64_t first, int64_t count) {
  const uint32_t one = mixed(rule.seed[0]), other = mixed(rule.seed[1] ^ 0x9E3779B9u);
  const uint32_t place = static_cast<uint32_t>(first);
  const uint32_t length = static_cast<uint32_t>(count);
  for (uint32_t at = 0; at < length; ++at) {
    const uint32_t bits = mixed(mixed((place + at) ^ one) + other);
    to[at] = (bits < rule.least ? from[at] : 0.0f) / rule.keep;
  }
}

}  // namespace hangtag::HANGTAG_ISA
