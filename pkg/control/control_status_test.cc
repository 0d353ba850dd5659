#include <gmock/gmock.h>

#include "pkg/control/control_server_test.h"

namespace fairlead::control {
namespace {

using testing::HasSubstr;

class StatusServiceTest : public ControlServerTest {};

TEST_F(StatusServiceTest, TellsItsStatusAndWhenItChanges) {
  grpc::ClientContext context;
  const auto watch = status_->WatchStatus(&context, {});
  v1::WatchStatusResponse seen;
  ASSERT_TRUE(watch->Read(&seen));
  EXPECT_EQ(seen.status().owner(), "PUSH");
  EXPECT_EQ(seen.status().revision(), 1U);
  v1::PatchEndpointsResponse response;
  ASSERT_TRUE(Patch(Adding("c", "127.0.0.1:9003"), &response).ok());
  while (seen.status().installed_revision() < 2) ASSERT_TRUE(watch->Read(&seen));
  EXPECT_EQ(seen.status().revision(), 2U);
}

TEST_F(StatusServiceTest, SaysWhoHasTakenTheConfigurationOver) {
  grpc::ClientContext before_context, after_context;
  v1::GetStatusResponse response;
  ASSERT_TRUE(status_->GetStatus(&before_context, {}, &response).ok());
  EXPECT_EQ(response.status().overridden_by(), "");
  EXPECT_FALSE(response.status().has_overridden_until());
  v1::PatchEndpointsRequest request = Adding("c", "127.0.0.1:9003");
  request.mutable_options()->mutable_override_owner_for()->set_seconds(600);
  v1::PatchEndpointsResponse patched;
  testing::internal::CaptureStdout();
  ASSERT_TRUE(Patch(request, &patched).ok());
  EXPECT_THAT(testing::internal::GetCapturedStdout(),
              HasSubstr(", overriding the owner for 10m: revision 2"));
  ASSERT_TRUE(status_->GetStatus(&after_context, {}, &response).ok());
  EXPECT_THAT(response.status().overridden_by(), HasSubstr("push:uid="));
  EXPECT_GT(response.status().overridden_until().seconds(), 0);
}

TEST_F(StatusServiceTest, ShowsTheDrainsThatAreUnderWay) {
  data_plane_.drains.resize(2);
  data_plane_.drains[0].id = 8;
  data_plane_.drains[0].progress = {.state = drain::State::kRunning, .total = 30, .told = 20};
  data_plane_.drains[1].id = 7;
  data_plane_.drains[1].progress = {.state = drain::State::kDone, .total = 5, .gone = 5};
  grpc::ClientContext context;
  const auto watch = status_->WatchStatus(&context, {});
  v1::WatchStatusResponse seen;
  ASSERT_TRUE(watch->Read(&seen));
  ASSERT_EQ(seen.status().drains_size(), 1);
  EXPECT_EQ(seen.status().drains(0).id(), 8u);
  EXPECT_EQ(seen.status().drains(0).remaining(), 30);
}

TEST_F(StatusServiceTest, EndsItsWatchersWhenItGoes) {
  grpc::ClientContext context;
  const auto watch = status_->WatchStatus(&context, {});
  v1::WatchStatusResponse seen;
  ASSERT_TRUE(watch->Read(&seen));
  server_.reset();
  while (watch->Read(&seen)) {
  }
  EXPECT_FALSE(watch->Finish().ok());
}

}  // namespace
}  // namespace fairlead::control
