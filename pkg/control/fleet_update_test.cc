#include "pkg/control/fleet_update.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "fairlead/control/v1/fleet_service.pb.h"

namespace fairlead::control {
namespace {

config::Bootstrap OwnedBy(config::Owner owner) {
  config::Bootstrap bootstrap;
  bootstrap.control.owner = owner;
  bootstrap.control.fleet.emplace().address = "unix:/plane.sock";
  return bootstrap;
}

v1::SyncConfigResponse Patch(uint64_t base) {
  v1::SyncConfigResponse update;
  update.set_nonce("n");
  update.set_revision(7);
  update.mutable_endpoint_patch()->set_base_revision(base);
  update.mutable_endpoint_patch()->set_cluster("pods");
  update.mutable_endpoint_patch()->add_upsert()->set_address("127.0.0.1:9001");
  return update;
}

// Empty when it is taken.
std::string FieldOf(const v1::SyncConfigResponse& update, config::Owner owner) {
  const auto change = ToChange(update, OwnedBy(owner));
  return change.value ? "" : change.violations.front().path;
}

TEST(FleetUpdate, NamesItsBaseWhereThePlaneOwnsTheConfiguration) {
  EXPECT_EQ(FieldOf(Patch(6), config::Owner::kFleet), "");
  EXPECT_EQ(FieldOf(Patch(0), config::Owner::kFleet), "endpoint_patch.base_revision");
  EXPECT_EQ(FieldOf(Patch(0), config::Owner::kFile), "");
  EXPECT_EQ(FieldOf(Patch(6), config::Owner::kFile), "endpoint_patch.base_revision");
}

TEST(FleetUpdate, MayListAllThatAClusterHas) {
  v1::SyncConfigResponse update = Patch(0);
  update.mutable_endpoint_patch()->set_replace_all(true);
  const auto change = ToChange(update, OwnedBy(config::Owner::kPush));
  ASSERT_TRUE(change.value.has_value());
  const auto* set = std::get_if<apply::SetEndpoints>(&change.value->what);
  ASSERT_NE(set, nullptr);
  EXPECT_EQ(set->cluster, "pods");
  EXPECT_EQ(set->endpoints.size(), 1U);
}

TEST(FleetUpdate, HasARevisionThatLeavesRoomForMore) {
  v1::SyncConfigResponse update = Patch(6);
  update.set_revision(INT64_MAX);
  EXPECT_EQ(FieldOf(update, config::Owner::kFleet), "");
  update.set_revision(uint64_t{INT64_MAX} + 1);
  EXPECT_EQ(FieldOf(update, config::Owner::kFleet), "revision");
}

}  // namespace
}  // namespace fairlead::control
