// Dropout as XLA calls it; see convolution_calls.cpp.
#include <algorithm>

#include "call.h"
#include "processor.h"

namespace hangtag {

namespace {

// Values of a task: some microseconds, and half a core's second-level cache.
constexpr int64_t kValuesOfTask = 32 * 1024;

// The largest number below 2^32 that single precision has.
constexpr float kLargest = 4294967040.0f;

ffi::Error drop_values(ffi::ThreadPool pool, Floats values, ffi::Buffer<ffi::U32> seeds,
                       Floats keep, ffi::Result<Floats> result) {
  return reported([&] {
    const Models models("drop", dimensions(*result), 1);
    const std::vector<int64_t> from = models.offsets("values", dimensions(values), 1);
    const std::vector<int64_t> seed = models.offsets("seed", dimensions(seeds), 1);
    const std::vector<int64_t> share_kept = models.offsets("share", dimensions(keep), 0);
    const std::vector<int64_t> to = models.offsets("result", dimensions(*result), 1);
    const int64_t count = own(dimensions(*result), 1)[0];
    check_same("drop", "the values of one model", own(dimensions(values), 1), {count});
    check_same("drop", "the seed of one model", own(dimensions(seeds), 1), {2});
    const int64_t tasks = (count + kValuesOfTask - 1) / kValuesOfTask;
    XlaTeam team(pool);
    share(team, static_cast<int64_t>(to.size()) * tasks, [&](int64_t task) {
      const size_t model = static_cast<size_t>(task / tasks);
      const int64_t first = task % tasks * kValuesOfTask;
      const uint32_t* own_seed = seeds.typed_data() + seed[model];
      const float kept = keep.typed_data()[share_kept[model]];
      const uint32_t least = static_cast<uint32_t>(std::min(kept * 4294967296.0f, kLargest));
      steps().drop(
          {{own_seed[0], own_seed[1]}, least, kept}, values.typed_data() + from[model] + first,
          result->typed_data() + to[model] + first, first, std::min(kValuesOfTask, count - first));
    });
  });
}

}  // namespace

#pragma GCC visibility push(default)

XLA_FFI_DEFINE_HANDLER_SYMBOL(hangtag_drop, drop_values,
                              ffi::Ffi::Bind()
                                  .Ctx<ffi::ThreadPool>()
                                  .Arg<Floats>()
                                  .Arg<ffi::Buffer<ffi::U32>>()
                                  .Arg<Floats>()
                                  .Ret<Floats>());

#pragma GCC visibility pop

}  // namespace hangtag
