#include "parallel.h"

#include <immintrin.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace banyan {
namespace {

struct Job {
  const std::function<void(std::int64_t)>& work;
  const std::int64_t parts;
  std::atomic<std::int64_t> next{0};
  int helpers = 0;  // Under the pool's mutex.
  std::atomic<bool> failed{false};
  std::exception_ptr failure;  // The first one's; to be read once no helper is left.
  // How the caller rounds, and what it makes of numbers too small to be whole ones: with TensorFlow's threads, nothing.
  const unsigned int arithmetic = _mm_getcsr();

  void run() {
    try {
      for (std::int64_t part; (part = next.fetch_add(1)) < parts;) work(part);
    } catch (...) {
      if (!failed.exchange(true)) failure = std::current_exception();
      next = parts;
    }
  }
};

class Pool {
 public:
  void start(int count) {
    threads = count;
    for (int i = 1; i < count; i++) std::thread([this] { help(); }).detach();
  }

  std::int64_t idle() const { return std::max(0, threads - active.load()); }

  void run(Job& job) {
    active++;
    // TensorFlow runs several operations at once, each on a thread of its own: with these at work no more are called.
    const std::int64_t wanted = std::min(idle(), job.parts - 1);
    if (wanted > 0) {
      {
        std::lock_guard lock(mutex);
        jobs.push_back(&job);
      }
      for (std::int64_t i = 0; i < wanted; i++) work.notify_one();
    }
    job.run();
    if (wanted > 0) {
      std::unique_lock lock(mutex);
      jobs.erase(std::find(jobs.begin(), jobs.end(), &job));
      left.wait(lock, [&] { return job.helpers == 0; });
    }
    active--;
    if (job.failure) std::rethrow_exception(job.failure);
  }

 private:
  void help() {
    std::unique_lock lock(mutex);
    for (;;) {
      Job* job = nullptr;
      work.wait(lock, [&] {
        job = nullptr;
        for (Job* each : jobs)
          if (each->next.load() < each->parts) job = each;
        return job != nullptr && idle() > 0;
      });
      job->helpers++;
      active++;
      lock.unlock();
      _mm_setcsr(job->arithmetic);
      job->run();
      lock.lock();
      active--;
      if (--job->helpers == 0) left.notify_all();
    }
  }

  int threads = 1;
  std::atomic<int> active{0};
  std::mutex mutex;
  std::condition_variable work, left;
  std::vector<Job*> jobs;
};

// Never destroyed: its threads wait in it when the process ends.
Pool& pool() {
  static Pool* const instance = new Pool;
  return *instance;
}

}  // namespace

void setThreads(int count) { pool().start(count); }

std::int64_t freeThreads() { return std::max<std::int64_t>(1, pool().idle()); }

void parallel(std::int64_t parts, const std::function<void(std::int64_t)>& work) {
  Job job{work, parts};
  pool().run(job);
}

}  // namespace banyan
