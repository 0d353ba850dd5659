#include "pkg/control/access.h"

#include <gtest/gtest.h>

namespace fairlead::control {
namespace {

using config::ControlRole;

const std::vector<config::ControlGrant> kGrants = {
    {.peer = "spiffe://example.org/operator", .roles = {ControlRole::kConfigWriter}},
    {.peer = "spiffe://example.org/scaler", .roles = {ControlRole::kEndpointWriter, ControlRole::kDrainer}},
    {.peer = "eyes.example.org", .roles = {ControlRole::kReader}},
};

TEST(Allows, GivesNothingToStrangers) {
  EXPECT_FALSE(Allows(kGrants, {}, ControlRole::kReader));
  EXPECT_FALSE(Allows(kGrants, {"spiffe://example.org/operator/x"}, ControlRole::kReader));
}

TEST(Allows, LetsEveryRoleRead) {
  for (const config::ControlGrant& grant : kGrants) {
    EXPECT_TRUE(Allows(kGrants, {grant.peer}, ControlRole::kReader)) << grant.peer;
  }
}

TEST(Allows, LetsAConfigWriterWriteEndpoints) {
  EXPECT_TRUE(Allows(kGrants, {"spiffe://example.org/operator"}, ControlRole::kEndpointWriter));
  EXPECT_FALSE(Allows(kGrants, {"spiffe://example.org/operator"}, ControlRole::kDrainer));
}

TEST(Allows, KeepsAnEndpointWriterFromTheConfiguration) {
  EXPECT_FALSE(Allows(kGrants, {"spiffe://example.org/scaler"}, ControlRole::kConfigWriter));
  EXPECT_TRUE(Allows(kGrants, {"spiffe://example.org/scaler"}, ControlRole::kDrainer));
}

TEST(Allows, LooksAtEveryNameOfTheCertificate) {
  EXPECT_TRUE(Allows(kGrants, {"other", "spiffe://example.org/scaler"}, ControlRole::kEndpointWriter));
}

}  // namespace
}  // namespace fairlead::control
