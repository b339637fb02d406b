// Sharing work between threads: a number of tasks in, every one of them done once. Which thread
// does which task depends on the moment; so that results do not, a task never adds to what another
// task wrote.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <utility>

#include "interrupt.h"

namespace hangtag {

// Threads somebody else owns (XLA's, or a test's), for the while of one call.
class Team {
 public:
  virtual ~Team() = default;
  virtual int64_t threads() const = 0;
  // Has `task` run soon on one of the threads. May throw, and may run it before it returns.
  virtual void start(std::function<void()> task) = 0;

  // Ctrl-C during the call; a call that is long enough for somebody to press it says so.
  Interrupts interrupts;
};

// The first exception of some tasks. Only the caller's thread may throw: another one would end the
// process, and the caller must not unwind what other threads still look at.
class Failure {
 public:
  template <class Body>
  void keep(Body body) {
    try {
      body();
    } catch (...) {
      if (!failed_.exchange(true)) first_ = std::current_exception();
    }
  }

  // To be called when all tasks are known to be done.
  void rethrow() const {
    if (first_) std::rethrow_exception(first_);
  }

 private:
  std::atomic<bool> failed_{false};
  std::exception_ptr first_;
};

// Calls `task` with 0 to count - 1, the caller's thread working too; returns when all are done.
// Threads of the team that come late find nothing to do and are not waited for, so this cannot
// block even if the whole team is busy or cannot be asked. Throws what a task threw, after all are
// done, and Interrupted.
void share(Team& team, int64_t count, const std::function<void(int64_t)>& task);

// What a thread does between two looks at what it waits for; `looks` counts them, from 0.
void wait_a_little(int& looks);

}  // namespace hangtag
