// Sharing work between threads: a number of tasks in, every one of them done once. Which thread
// does which task depends on the moment; so that results do not, a task never adds to what another
// task wrote.
#pragma once

#include <cstdint>
#include <functional>

namespace hangtag {

// Threads somebody else owns (XLA's, or a test's).
class Team {
 public:
  virtual ~Team() = default;
  virtual int64_t threads() const = 0;
  // Has `task` run soon on one of the threads.
  virtual void start(std::function<void()> task) = 0;
};

// Calls `task` with 0 to count - 1, the caller's thread working too; returns when all are done.
// Threads of the team that come late find nothing to do and are not waited for, so this cannot
// block even if the whole team is busy. Throws std::bad_alloc when a task did, after all are done.
void share(Team& team, int64_t count, const std::function<void(int64_t)>& task);

// What a thread does between two looks at what it waits for; `looks` counts them, from 0.
void wait_a_little(int& looks);

}  // namespace hangtag
