#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/stream/stream.h"

namespace fairlead::loop {

// For tests: writes down what a stream tells. Each event may have an action, taken after it was noted.
class Recorder final : public stream::Delegate {
 public:
  std::string data;  // all that came, joined
  std::vector<std::string>
      events;  // "data" (a run of them once), "end", "flushed", "reset", "timeout", "other"
  std::function<void(std::string_view)> on_data;
  std::function<void()> on_end;
  std::function<void()> on_flushed;
  std::function<void()> on_error;

  bool Saw(std::string_view event) const {
    for (const std::string& seen : events) {
      if (seen == event) return true;
    }
    return false;
  }

 private:
  void OnData(std::string_view bytes) override {
    data.append(bytes);
    if (events.empty() || events.back() != "data") events.push_back("data");
    if (on_data) on_data(bytes);
  }
  void OnEnd() override {
    events.push_back("end");
    if (on_end) on_end();
  }
  void OnFlushed() override {
    events.push_back("flushed");
    if (on_flushed) on_flushed();
  }
  void OnError(stream::Failure failure) override {
    constexpr const char* kNames[] = {"reset", "timeout", "other", "truncated", "protocol"};
    events.push_back(kNames[static_cast<int>(failure)]);
    if (on_error) on_error();
  }
};

}  // namespace fairlead::loop
