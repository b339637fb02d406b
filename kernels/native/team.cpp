// Sharing work between threads; see team.h.
#include "team.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>

namespace hangtag {

namespace {

// How often to look before giving the processor away: some ten microseconds, about as long as
// the last task of a well-cut job takes.
constexpr int kLooks = 4000;

struct Job {
  Job(int64_t count, const std::function<void(int64_t)>& task, const Interrupts& interrupts)
      : count(count), task(&task), interrupts(&interrupts) {}

  const int64_t count;
  // Both are valid as long as a task is left to take: the caller does not return before.
  const std::function<void(int64_t)>* task;
  const Interrupts* interrupts;
  std::atomic<int64_t> next{0};
  std::atomic<int64_t> done{0};
  Failure failure;

  void work() {
    for (int64_t one = next.fetch_add(1); one < count; one = next.fetch_add(1)) {
      failure.keep([&] {
        interrupts->heed();
        (*task)(one);
      });
      done.fetch_add(1, std::memory_order_release);
    }
  }

  bool finished() const { return done.load(std::memory_order_acquire) == count; }
};

}  // namespace

void wait_a_little(int& looks) {
  if (looks >= kLooks) return std::this_thread::yield();
  ++looks;
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

void share(Team& team, int64_t count, const std::function<void(int64_t)>& task) {
  const int64_t helpers = std::min(team.threads(), count) - 1;
  if (helpers < 1) {
    for (int64_t one = 0; one < count; ++one) {
      team.interrupts.heed();
      task(one);
    }
    return;
  }
  const auto job = std::make_shared<Job>(count, task, team.interrupts);
  // From the first helper on nothing may leave this function but by its end: the helper looks at
  // what lives in the caller's frame.
  try {
    for (int64_t helper = 0; helper < helpers; ++helper) team.start([job] { job->work(); });
  } catch (...) {  // no more helpers, then; the work is the same
  }
  job->work();
  for (int looks = 0; !job->finished();) wait_a_little(looks);
  job->failure.rethrow();
}

}  // namespace hangtag
