// Threads that stay together for a call; see crew.h.
#include "crew.h"

#include <algorithm>
#include <atomic>
#include <new>
#include <thread>

namespace hangtag {

namespace {

// How many tasks a job has and how many of them are taken, in one number: a thread that takes one
// knows for sure that it is of a job that is still open.
uint64_t taken(uint64_t ticket) { return ticket & 0xffffffff; }
uint64_t tasks(uint64_t ticket) { return ticket >> 32; }

}  // namespace

struct Crew::Desk {
  std::atomic<uint64_t> ticket{0};
  std::atomic<uint64_t> done{0};
  std::atomic<bool> closed{false};
  std::atomic<bool> failed{false};
  // Written before the ticket that makes it known; not changed while a task of its job is open.
  const std::function<void(int64_t)>* task = nullptr;

  // Takes one task and does it; false when the job has none left.
  bool work() {
    const uint64_t own = ticket.fetch_add(1, std::memory_order_acq_rel);
    if (taken(own) >= tasks(own)) return false;
    try {
      (*task)(static_cast<int64_t>(taken(own)));
    } catch (const std::bad_alloc&) {  // a thread that is not the caller's must not throw
      failed.store(true);
    }
    done.fetch_add(1, std::memory_order_release);
    return true;
  }

  // Looks for work until the crew is gone.
  void help() {
    int looks = 0;
    while (!closed.load(std::memory_order_acquire)) {
      const uint64_t now = ticket.load(std::memory_order_acquire);
      if (taken(now) < tasks(now) && work())
        looks = 0;
      else
        wait_a_little(looks);
    }
  }
};

Crew::Crew(Team& team, int64_t helpers)
    : desk_(std::make_shared<Desk>()), helpers_(std::min(helpers, team.threads() - 1)) {
  for (int64_t helper = 0; helper < helpers_; ++helper)
    team.start([desk = desk_] { desk->help(); });
}

Crew::~Crew() { desk_->closed.store(true, std::memory_order_release); }

void Crew::share(int64_t count, const std::function<void(int64_t)>& task) {
  if (helpers_ < 1 || count < 2) {
    for (int64_t one = 0; one < count; ++one) task(one);
    return;
  }
  Desk& desk = *desk_;
  desk.task = &task;
  desk.done.store(0, std::memory_order_relaxed);
  desk.ticket.store(static_cast<uint64_t>(count) << 32, std::memory_order_release);
  while (desk.work()) {
  }
  int looks = 0;
  while (desk.done.load(std::memory_order_acquire) < static_cast<uint64_t>(count))
    wait_a_little(looks);
  if (desk.failed.load()) throw std::bad_alloc();
}

}  // namespace hangtag
