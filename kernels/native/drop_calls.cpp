// Dropout as XLA calls it; see convolution_calls.cpp.
#include <algorithm>

#include "call.h"
#include "processor.h"

namespace hangtag {

namespace {

// Values of a task: some microseconds, and half a core's second-level cache.
constexpr int64_t kValuesOfTask = 32 * 1024;

// As many places as the hash tells apart.
constexpr int64_t kPlaces = int64_t{1} << 32;

// A part of the values; `first` is the place of its first one. Where all or none are kept no coin
// is tossed: no number of 32 bits is above all others, and nothing can be divided by zero.
void drop_part(const uint32_t* seed, float keep, const float* from, float* to, int64_t first,
               int64_t count) {
  if (keep == 1) {
    if (to != from) std::copy_n(from, count, to);
  } else if (keep == 0) {
    std::fill_n(to, count, 0.0f);
  } else {
    const uint32_t least = static_cast<uint32_t>(keep * static_cast<float>(kPlaces));
    steps().drop({{seed[0], seed[1]}, least, keep}, from, to, first, count);
  }
}

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
    demand(count <= kPlaces, "drop: the values are at most 2^32; got " + std::to_string(count));
    for (const int64_t at : share_kept) {
      const float kept = keep.typed_data()[at];
      demand(kept >= 0 && kept <= 1,
             "drop: the share to keep is from 0 to 1; got " + std::to_string(kept));
    }
    const int64_t tasks = (count + kValuesOfTask - 1) / kValuesOfTask;
    XlaTeam team(pool);
    team.interrupts.listen(10.0 * static_cast<double>(count) * static_cast<double>(to.size()));
    share(team, static_cast<int64_t>(to.size()) * tasks, [&](int64_t task) {
      const size_t model = static_cast<size_t>(task / tasks);
      const int64_t first = task % tasks * kValuesOfTask;
      drop_part(seeds.typed_data() + seed[model], keep.typed_data()[share_kept[model]],
                values.typed_data() + from[model] + first,
                result->typed_data() + to[model] + first, first,
                std::min(kValuesOfTask, count - first));
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
