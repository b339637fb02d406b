// What both sides of a call from XLA need: its threads as a team, its shapes as ours, our
// complaints as its errors.
#pragma once

#include <exception>
#include <new>
#include <string>

#include "models.h"
#include "team.h"
#include "xla/ffi/api/ffi.h"

namespace hangtag {

namespace ffi = xla::ffi;

using Floats = ffi::Buffer<ffi::F32>;
using Bytes = ffi::Buffer<ffi::U8>;

// Rows of the largest pooling window: a route is a byte, and its last value says that there is
// none.
constexpr int64_t kLargestPool = 15;

class XlaTeam : public Team {
 public:
  explicit XlaTeam(ffi::ThreadPool pool) : pool_(pool) {}
  int64_t threads() const override { return pool_.num_threads(); }
  void start(std::function<void()> task) override { pool_.Schedule(std::move(task)); }

 private:
  ffi::ThreadPool pool_;
};

template <class Buffer>
Dimensions dimensions(const Buffer& buffer) {
  return {buffer.dimensions().begin(), buffer.dimensions().end()};
}

inline void demand(bool fine, const std::string& sentence) {
  if (!fine) throw Mismatch{sentence};
}

inline void check_same(const char* call, const char* what, const Dimensions& found,
                       const Dimensions& wanted) {
  demand(found == wanted,
         std::string(call) + ": " + what + " should be " + text(wanted) + "; got " + text(found));
}

inline void check_pool(const char* call, int64_t window) {
  demand(window > 0 && window <= kLargestPool, std::string(call) + ": pooling windows have 1 to " +
                                                   std::to_string(kLargestPool) + " rows; got " +
                                                   std::to_string(window));
}

// Runs `body`, which throws what it finds wrong, as XLA wants errors.
template <class Body>
ffi::Error reported(Body body) {
  try {
    body();
    return ffi::Error::Success();
  } catch (const Mismatch& mismatch) {
    return ffi::Error::InvalidArgument(mismatch.sentence);
  } catch (const std::bad_alloc&) {
    return ffi::Error(ffi::ErrorCode::kResourceExhausted,
                      "the native kernels could not get the working memory they need");
  } catch (const Interrupted&) {
    return ffi::Error(ffi::ErrorCode::kCancelled, "the native kernels were ended by Ctrl-C");
  } catch (const std::exception& error) {
    return ffi::Error::Internal(std::string("the native kernels failed: ") + error.what());
  } catch (...) {  // nothing may cross the border to C
    return ffi::Error::Internal("the native kernels failed");
  }
}

}  // namespace hangtag
