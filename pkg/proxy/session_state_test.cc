#include "pkg/proxy/session_state.h"

#include <gtest/gtest.h>

#include <map>
#include <utility>

namespace fairlead::proxy {
namespace {

// The diagram of session_state.h as a table; what is not in it must be refused.
const std::map<std::pair<State, Event>, State> kTransitions = {
    {{State::kProxyHeader, Event::kProxied}, State::kHead},
    {{State::kProxyHeader, Event::kTlsExpected}, State::kTls},
    {{State::kProxyHeader, Event::kGone}, State::kClosed},
    {{State::kTls, Event::kSecured}, State::kHead},
    {{State::kTls, Event::kLast}, State::kLinger},
    {{State::kTls, Event::kGone}, State::kClosed},
    {{State::kHead, Event::kRequest}, State::kConnect},
    {{State::kHead, Event::kDone}, State::kHead},
    {{State::kHead, Event::kLast}, State::kLinger},
    {{State::kHead, Event::kGone}, State::kClosed},
    {{State::kHead, Event::kQueued}, State::kQueue},
    {{State::kQueue, Event::kRequest}, State::kConnect},
    {{State::kQueue, Event::kDone}, State::kHead},
    {{State::kQueue, Event::kLast}, State::kLinger},
    {{State::kQueue, Event::kGone}, State::kClosed},
    {{State::kConnect, Event::kConnected}, State::kResponse},
    {{State::kConnect, Event::kDone}, State::kHead},
    {{State::kConnect, Event::kLast}, State::kLinger},
    {{State::kConnect, Event::kGone}, State::kClosed},
    {{State::kResponse, Event::kResponseHead}, State::kBody},
    {{State::kResponse, Event::kRetry}, State::kConnect},
    {{State::kResponse, Event::kUpgraded}, State::kTunnel},
    {{State::kResponse, Event::kDone}, State::kHead},
    {{State::kResponse, Event::kLast}, State::kLinger},
    {{State::kResponse, Event::kGone}, State::kClosed},
    {{State::kBody, Event::kDone}, State::kHead},
    {{State::kBody, Event::kLast}, State::kLinger},
    {{State::kBody, Event::kGone}, State::kClosed},
    {{State::kLinger, Event::kGone}, State::kClosed},
};

TEST(SessionState, FollowsItsDiagramAndNothingElse) {
  for (int s = 0; s < kStateCount; ++s) {
    for (int e = 0; e < kEventCount; ++e) {
      const auto state = static_cast<State>(s);
      const auto event = static_cast<Event>(e);
      const auto expected = kTransitions.find({state, event});
      const std::optional<State> next = Next(state, event);
      SCOPED_TRACE(std::string(ToString(state)) + " + event " + std::to_string(e));
      ASSERT_EQ(next.has_value(), expected != kTransitions.end());
      if (next) {
        EXPECT_EQ(*next, expected->second);
      }
    }
  }
}

TEST(SessionState, EveryStateCanBeReachedAndAllButTheTunnelEndsClosed) {
  for (int s = 0; s < kStateCount; ++s) {
    const auto state = static_cast<State>(s);
    if (state == State::kTunnel || state == State::kClosed) continue;
    EXPECT_EQ(Next(state, Event::kGone), State::kClosed) << ToString(state);
  }
}

}  // namespace
}  // namespace fairlead::proxy
