// Which instruction set to use; see processor.h.
#include "processor.h"

#include <atomic>

namespace hangtag {

#if defined(HANGTAG_X86)
namespace avx512 {
extern const Steps kSteps;
}
namespace avx2 {
extern const Steps kSteps;
}
#endif
namespace generic {
extern const Steps kSteps;
}

namespace {

const Steps* best() {
  for (const char* name : {"avx512", "avx2"})
    if (const Steps* found = steps_named(name)) return found;
  return &generic::kSteps;
}

std::atomic<const Steps*>& chosen() {
  static std::atomic<const Steps*> steps{best()};
  return steps;
}

}  // namespace

const Steps* steps_named(const std::string& name) {
#if defined(HANGTAG_X86)
  // The compiler's test asks the operating system too whether it saves the wide registers.
  if (name == "avx512" && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("fma"))
    return &avx512::kSteps;
  if (name == "avx2" && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return &avx2::kSteps;
#endif
  return name == "generic" ? &generic::kSteps : nullptr;
}

const Steps& steps() { return *chosen().load(); }

bool use(const std::string& name) {
  const Steps* found = steps_named(name);
  if (found != nullptr) chosen().store(found);
  return found != nullptr;
}

}  // namespace hangtag

extern "C" {

#define HANGTAG_VISIBLE __attribute__((visibility("default")))

HANGTAG_VISIBLE const char* hangtag_instructions() { return hangtag::steps().name; }

HANGTAG_VISIBLE int hangtag_use(const char* name) {
  try {
    return name != nullptr && hangtag::use(name) ? 1 : 0;
  } catch (...) {  // nothing may cross the border to C
    return 0;
  }
}

}  // extern "C"
